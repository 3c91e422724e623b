/** What a soak does: one thing at a time of everything that takes threads, processes, tokens or handles. */
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Backend, type CapacityLimiter, OffLoop, Portal, Resident, Task } from "../../src/index.ts"
import { OffLoop as Promises } from "../../src/promise.ts"
import type { Random } from "./random.ts"
import type { Sum } from "./tasks.ts"

const tasks = Task.fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url))

type Services = OffLoop.OffLoop | Backend.Backend

/** One thing to do. */
export interface Operation {
  readonly name: string
  readonly run: Effect.Effect<unknown, unknown, Services>
  /** Whether the thread or process that it needs may die under it; everything else that it fails with is a fault. */
  readonly mayCrash: boolean
}

/** What the operations of a round share. */
export interface Tools {
  readonly limiter: CapacityLimiter.CapacityLimiter
  readonly portal: Portal.Portal
  readonly residents: ReadonlyArray<Resident.Resident<Sum>>
  readonly supervised: Resident.Supervised<Sum>
  readonly pool: Promises.OffLoop
}

/** How the pools of a round are set up: everything that ends a thread happens soon. */
export const poolOptions = (random: Random): OffLoop.Options => ({
  maxThreads: 1 + random.below(2),
  idleTimeout: 1 + random.below(50),
  maxTasksPerThread: random.below(2) === 0 ? undefined : 1 + random.below(30),
  // Every thread uses more than a byte.
  maxHeapBytes: random.below(6) === 0 ? 1 : undefined,
  abandonGrace: 1 + random.below(40),
  shutdownTimeout: random.below(3) === 0 ? 1 + random.below(60) : undefined,
  processes: { max: 1 + random.below(2), idleTimeout: 1 + random.below(400) },
})

/** Opens what the operations share. */
export const open = (
  random: Random,
  limiter: CapacityLimiter.CapacityLimiter,
): Effect.Effect<Tools, unknown, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const portal = yield* Portal.make({ double: (n: number) => Effect.delay(Effect.succeed(n * 2), random.below(3)) })
    const residents = yield* Effect.forEach(["blocking", "async"] as const, (mode) =>
      Resident.make(tasks.makeSum, 0, { mode }),
    )
    const schedule = Schedule.spaced(random.below(10))
    const supervised = yield* Resident.supervised(tasks.makeSum, 0, { schedule })
    const pool = yield* Effect.acquireRelease(
      Effect.promise(() => Promises.open({ maxThreads: 1, idleTimeout: 1 + random.below(50) })),
      (pool) => Effect.promise(() => pool.close()),
    )
    return { limiter, portal, residents, supervised, pool }
  })

/** A resident that is never closed, of a scope that is not. */
export const openForEver = Resident.make(tasks.makeSum, 0)

const expecting = <E, R>(wanted: unknown, effect: Effect.Effect<unknown, E, R>): Effect.Effect<void, E, R> =>
  Effect.flatMap(effect, (got) =>
    got === wanted ? Effect.void : Effect.die(new Error(`${String(got)} came back, and not ${String(wanted)}`)),
  )

const failing = <R>(tag: string, effect: Effect.Effect<unknown, unknown, R>): Effect.Effect<void, unknown, R> =>
  Effect.flatMap(Effect.flip(effect), (error) =>
    (error as { readonly _tag?: string })._tag === tag
      ? Effect.void
      : Effect.die(new Error(`${String(error)} came, and not ${tag}`)),
  )

const promised = <A>(run: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, unknown> =>
  Effect.tryPromise({ try: run, catch: (error) => error })

/** Runs a task that logs, and sees that each of its words has arrived, once and with the caller's annotations. */
const heard = (placement: OffLoop.Placement, words: number, id: number) => {
  let arrived = 0
  const logger = Logger.make<unknown, void>(({ message, annotations }) => {
    if (String(message) === "a word" && JSON.stringify([...annotations]) === `[["soak",${id}]]`) arrived++
  })
  return expecting(
    words,
    Effect.flatMap(OffLoop.runSyncWith({ placement })(tasks.say, words), () => Effect.sync(() => arrived)),
  ).pipe(Effect.annotateLogs("soak", id), Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
}

/** Gives memory to a task, which gives it back. */
const moved = (size: number) =>
  Effect.suspend(() => {
    const bytes = new Uint8Array(size)
    return Effect.flatMap(OffLoop.runSync(tasks.giveBack, Task.transfer(bytes, [bytes.buffer])), (back) =>
      back.length === size && bytes.buffer.detached
        ? Effect.void
        : Effect.die(new Error(`${back.length} of ${size} bytes came back, ${bytes.length} are still here`)),
    )
  })

const inProcess = (random: Random, limiter: CapacityLimiter.CapacityLimiter): Operation => {
  const a = random.below(1000)
  const abandonOnCancel = random.below(4) === 0
  const options = { placement: "process", abandonOnCancel } as const
  switch (random.below(6)) {
    case 0:
      return op("process add", expecting(a + 1, OffLoop.runSyncWith({ ...options, limiter })(tasks.add, a, 1)))
    case 1:
      return op("process async", expecting(a + 1, OffLoop.runWith(options)(tasks.addLater, a, 1)))
    case 2:
      return op("process work", OffLoop.runSyncWith(options)(tasks.work, random.below(100)))
    case 3:
      return op("process stream", Stream.runDrain(Stream.take(OffLoop.streamWith(options)(tasks.upTo, 1e9), 1 + a)))
    case 4:
      return op("process crash", failing("WorkerCrashedError", OffLoop.runSyncWith(options)(tasks.crash)))
    default:
      return op("process log", heard("process", random.below(5), a))
  }
}

const onResident = (random: Random, name: string, resident: Resident.Resident<Sum>): Operation => {
  const a = random.below(1000)
  switch (random.below(12)) {
    case 0:
      return op(`${name} crash`, resident.call("crash"), true)
    case 1:
    case 2:
    case 3:
      return op(`${name} stream`, Stream.runDrain(Stream.take(resident.stream("upTo", 1e9), 1 + a)), true)
    case 4:
      return op(`${name} unsafeCall`, unsafely(resident), true)
    default:
      return op(`${name} call`, resident.call("add", 1), true)
  }
}

const unsafely = (resident: Resident.Resident<Sum>) =>
  Effect.async<number, Resident.CallExit<number> extends { readonly error: infer E } ? E : unknown>((resume) => {
    const id = resident.unsafeCall("add", [1], (exit) =>
      resume(exit.ok ? Effect.succeed(exit.value) : Effect.fail(exit.error)),
    )
    return Effect.sync(() => resident.unsafeAbandon(id))
  })

const onPromises = (random: Random, pool: Promises.OffLoop): Operation => {
  const a = random.below(1000)
  const abandonOnCancel = random.below(2) === 0
  switch (random.below(5)) {
    case 0:
      return op(
        "promise runSync",
        expecting(
          a + 1,
          promised((signal) => pool.runSyncWith({ signal, abandonOnCancel })(tasks.add, a, 1)),
        ),
      )
    case 1:
      return op(
        "promise run",
        expecting(
          a + 1,
          promised((signal) => pool.runWith({ signal })(tasks.addLater, a, 1)),
        ),
      )
    case 2:
      return op(
        "promise stream",
        promised(async (signal) => {
          for await (const n of pool.streamWith({ signal })(tasks.upTo, 1e9)) if (n > a) break
        }),
      )
    case 3:
      return op(
        "promise fail",
        failing(
          "TaskError",
          promised(() => pool.calls(tasks).fail("wanted")),
        ),
      )
    default:
      // The program's own pool, which lives from its first use to the end of the round.
      return op(
        "own pool",
        expecting(
          a + 1,
          promised((signal) => Promises.runSyncWith({ signal })(tasks.add, a, 1)),
        ),
      )
  }
}

const op = (name: string, run: Operation["run"], mayCrash = false): Operation => ({ name, run, mayCrash })

/** The next thing to do. */
export const operation = (random: Random, { limiter, portal, residents, supervised, pool }: Tools): Operation => {
  const a = random.below(1000)
  const b = random.below(1000)
  const abandonOnCancel = random.below(2) === 0
  const resident = residents[random.below(residents.length)] as Resident.Resident<Sum>
  const placement = random.below(8) === 0 ? "inline" : "worker"
  switch (random.below(22)) {
    case 0:
      return op("runSync", expecting(a + b, OffLoop.runSync(tasks.add, a, b)))
    case 1:
      return op(
        "runSyncWith",
        expecting(a + b, OffLoop.runSyncWith({ limiter, abandonOnCancel, placement })(tasks.add, a, b)),
      )
    case 2:
      return op(
        "runWith",
        expecting(a + b, OffLoop.runWith({ limiter, abandonOnCancel, placement })(tasks.addLater, a, b)),
      )
    case 3:
      return op("work", OffLoop.runSyncWith({ limiter, abandonOnCancel })(tasks.work, random.below(5)))
    case 4:
      return op("fail", failing("TaskError", OffLoop.runSync(tasks.fail, "wanted")))
    case 5:
      return random.below(6) === 0
        ? op("crash", failing("WorkerCrashedError", OffLoop.runSync(tasks.crash)))
        : op("nothing", Effect.void)
    case 6:
      return op(
        "stream to its end",
        expecting(b, Stream.runCount(OffLoop.streamWith({ limiter, bufferSize: 1 + random.below(64) })(tasks.upTo, b))),
      )
    case 7:
      return op(
        "stream",
        Stream.runDrain(Stream.take(OffLoop.streamWith({ limiter, abandonOnCancel })(tasks.upTo, 1e9), 1 + a)),
      )
    case 8:
      return op(
        "bytes",
        expecting(
          a * 1000,
          Effect.map(OffLoop.runSync(tasks.bytes, a * 1000), (got) => got.length),
        ),
      )
    case 9:
      return op("portal", expecting(a * 2, OffLoop.runSyncWith({ portal, limiter })(tasks.ask, a)))
    case 10:
    case 11:
    case 12:
      return onResident(random, "resident", resident)
    case 13:
    case 14:
      return onResident(random, "supervised", supervised)
    case 15:
      return op(
        "own resident",
        expecting(a + 1, Effect.scoped(Effect.flatMap(Resident.make(tasks.makeSum, a), (own) => own.call("add", 1)))),
      )
    case 16:
      return op("limiter", limiter.use(Effect.sleep(random.below(3))))
    case 17:
      // What moved to a thread cannot move to another when that one dies before it began.
      return op("transfer", moved(1 + a * 100), true)
    case 18:
      return op("log", heard("worker", random.below(20), a))
    case 19:
      return random.below(2) === 0
        ? op("left behind", OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.hold, random.below(150)))
        : onPromises(random, pool)
    case 20:
      return random.below(3) === 0 ? inProcess(random, limiter) : op("nothing", Effect.void)
    default:
      return onPromises(random, pool)
  }
}

/** Ends what the program itself has. */
export const closeOwn: Effect.Effect<void> = Effect.promise(() => Promises.close())
