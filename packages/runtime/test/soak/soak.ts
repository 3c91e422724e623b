/**
 * Everything that takes threads, tokens or handles, in random order, interrupted and crashed at random moments; then counts
 * what is left. The same seed does the same things, though not at the same moments.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { Cause, Effect, Exit, Layer, Option, Scope, Stream } from "effect"
import { Backend, CapacityLimiter, OffLoop, Portal, Resident, Task } from "../../src/index.ts"
import { type Bounds, census, excess } from "./census.ts"
import { type Random, seeded } from "./random.ts"
import type { Sum } from "./tasks.ts"

const tasks = Task.fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url))

export interface SoakOptions {
  readonly millis: number
  readonly seed: number
  /** Loses something on purpose, to see that it is found. */
  readonly lose?: "token" | "thread" | undefined
}

export interface SoakReport {
  readonly seed: number
  readonly rounds: number
  readonly operations: number
  readonly interrupted: number
  readonly crashed: number
  /** Threads and processes that were started. */
  readonly started: number
  /** What is wrong, in words. */
  readonly faults: ReadonlyArray<string>
}

const mebibyte = 1024 * 1024
const boundsOf = ({ crashed }: State): Bounds => ({
  threads: "Deno" in globalThis || "Bun" in globalThis ? 8 : 0,
  // A thread whose code calls process.exit in a microtask leaves two behind in Deno, whoever started it.
  descriptors: 2 + ("Deno" in globalThis ? 2 * crashed : 0),
  heapBytes: 16 * mebibyte,
  externalBytes: 16 * mebibyte,
  residentBytes: 192 * mebibyte,
})

/** How long what has been told to end may take, in milliseconds. */
const settling = 20_000

class State {
  rounds = 0
  operations = 0
  interrupted = 0
  crashed = 0
  started = 0
  /** Threads and processes that have not ended. */
  alive = 0
  readonly faults: string[] = []
}

const counted = (state: State): Layer.Layer<Backend.Backend> => {
  const backend = Backend.detect()
  if (backend.inline) throw new Error("the soak needs threads")
  return Layer.succeed(Backend.Backend, {
    ...backend,
    spawnThread: (options) => {
      const thread = backend.spawnThread(options)
      state.started++
      state.alive++
      thread.onExit(() => state.alive--)
      return thread
    },
  })
}

type Services = OffLoop.OffLoop | Backend.Backend
type Outcome = Effect.Effect<unknown, unknown, Services>

const expecting = (wanted: number, effect: Outcome): Outcome =>
  Effect.flatMap(effect, (got) =>
    got === wanted ? Effect.void : Effect.die(new Error(`${String(got)} came back, and not ${wanted}`)),
  )

interface Tools {
  readonly limiter: CapacityLimiter.CapacityLimiter
  readonly portal: Portal.Portal
  readonly residents: ReadonlyArray<Resident.Resident<Sum>>
}

/** One thing to do, whose like may fail only as `expected` says. */
const operation = (random: Random, { limiter, portal, residents }: Tools): Outcome => {
  const a = random.below(1000)
  const b = random.below(1000)
  const abandonOnCancel = random.below(2) === 0
  const resident = residents[random.below(residents.length)]
  const placement = random.below(8) === 0 ? "inline" : "worker"
  switch (random.below(14)) {
    case 0:
      return expecting(a + b, OffLoop.runSync(tasks.add, a, b))
    case 1:
      return expecting(a + b, OffLoop.runSyncWith({ limiter, abandonOnCancel, placement })(tasks.add, a, b))
    case 2:
      return expecting(a + b, OffLoop.runWith({ limiter, abandonOnCancel, placement })(tasks.addLater, a, b))
    case 3:
      return OffLoop.runSyncWith({ limiter, abandonOnCancel })(tasks.work, random.below(5))
    case 4:
      return Effect.flip(OffLoop.runSync(tasks.fail, "wanted"))
    case 5:
      return random.below(6) === 0 ? OffLoop.runSync(tasks.crash) : Effect.void
    case 6:
      return expecting(
        b,
        Stream.runCount(OffLoop.streamWith({ limiter, bufferSize: 1 + random.below(64) })(tasks.upTo, b)),
      )
    case 7:
      return Stream.runDrain(Stream.take(OffLoop.streamWith({ limiter, abandonOnCancel })(tasks.upTo, 1e9), 1 + a))
    case 8:
      return Effect.map(OffLoop.runSync(tasks.bytes, a * 1000), (got) => got.length)
    case 9:
      return expecting(a * 2, OffLoop.runSyncWith({ portal, limiter })(tasks.ask, a))
    case 10:
      return resident?.call("add", 1) ?? Effect.void
    case 11:
      return resident === undefined ? Effect.void : Stream.runDrain(Stream.take(resident.stream("upTo", 1e9), 1 + a))
    case 12:
      return random.below(12) === 0
        ? (resident?.call("crash") ?? Effect.void)
        : limiter.use(Effect.sleep(random.below(3)))
    default:
      return expecting(a + 1, Effect.scoped(Effect.flatMap(opened(a), (own) => own.call("add", 1))))
  }
}

const opened = (start: number) => Resident.make(tasks.makeSum, start)

const expected = new Set(["WorkerCrashedError", "ResidentClosedError", "WorkerStartError"])

const judge = (state: State, exit: Exit.Exit<unknown, unknown>): void => {
  state.operations++
  if (Exit.isSuccess(exit)) return
  const failure = Cause.failureOption(exit.cause)
  const tag = Option.isSome(failure) ? (failure.value as { readonly _tag?: string })._tag : undefined
  if (tag !== undefined && expected.has(tag)) state.crashed++
  else if (Cause.isInterruptedOnly(exit.cause)) state.interrupted++
  else if (state.faults.length < 10) state.faults.push(`an operation failed: ${Cause.pretty(exit.cause)}`)
}

const round = (state: State, random: Random, deadline: number, lost: SoakOptions["lose"]) =>
  Effect.gen(function* () {
    const limiter = yield* Effect.orDie(CapacityLimiter.make(2 + random.below(4)))
    if (lost === "token") yield* limiter.acquireOnBehalfOf({})
    yield* Effect.gen(function* () {
      const portal = yield* Portal.make({ double: (n: number) => Effect.delay(Effect.succeed(n * 2), random.below(3)) })
      const residents = yield* Effect.forEach(["blocking", "async"] as const, (mode) =>
        Resident.make(tasks.makeSum, 0, { mode }),
      )
      const tools: Tools = { limiter, portal, residents }
      const one = Effect.suspend(() => {
        if (performance.now() > deadline) return Effect.void
        const made = operation(random, tools)
        const cut = random.below(3) === 0 ? random.below(6) : undefined
        const run =
          cut === undefined ? made : Effect.raceFirst(made, Effect.zipRight(Effect.sleep(cut), Effect.interrupt))
        return Effect.map(Effect.exit(run), (exit) => judge(state, exit))
      })
      yield* Effect.forEach(Array.from({ length: 80 }), () => one, { concurrency: 8, discard: true })
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Layer.provideMerge(
          OffLoop.layer({ maxThreads: 1 + random.below(2), idleTimeout: 1 + random.below(50) }),
          counted(state),
        ),
      ),
      Effect.exit,
      Effect.tap((exit) =>
        // A resident whose crash was asked for by a call that was interrupted, and came only while its scope closed.
        Exit.isFailure(exit) && (Cause.squash(exit.cause) as { readonly _tag?: string })._tag !== "WorkerCrashedError"
          ? Effect.sync(() => state.faults.push(`a round failed: ${Cause.pretty(exit.cause)}`))
          : Effect.void,
      ),
    )
    state.rounds++
    const { borrowedTokens, tasksWaiting } = yield* limiter.statistics
    if (borrowedTokens + tasksWaiting > 0) {
      state.faults.push(
        `tokens: ${borrowedTokens} were not returned, and ${tasksWaiting} wait, after round ${state.rounds}`,
      )
    }
  })

const soakFor = async (state: State, random: Random, millis: number, lost: SoakOptions["lose"]): Promise<void> => {
  const deadline = performance.now() + millis
  let losing = lost
  while (performance.now() < deadline) {
    await Effect.runPromise(Effect.orDie(round(state, random, deadline, losing)))
    losing = undefined
  }
  const settled = performance.now() + settling
  while (state.alive > 0 && performance.now() < settled && lost !== "thread") await sleep(20)
}

/** Soaks for a while, and reports. The first quarter loads and warms what stays, before anything is counted. */
export const soak = async ({ millis, seed, lose }: SoakOptions): Promise<SoakReport> => {
  const random = seeded(seed)
  const state = new State()
  await soakFor(state, random, Math.min(10_000, millis / 4), undefined)
  const before = census()
  if (lose === "thread") {
    // The scope is never closed.
    const made = Effect.flatMap(Scope.make(), (scope) => Scope.extend(Resident.make(tasks.makeSum, 0), scope))
    await Effect.runPromise(Effect.provide(made, counted(state)))
  }
  await soakFor(state, random, (millis * 3) / 4, lose)
  if (state.alive > 0) state.faults.push(`threads: ${state.alive} of ${state.started} that were started have not ended`)
  // What the runtime frees later, it frees within a while.
  let after = census()
  const bounds = boundsOf(state)
  const settled = performance.now() + (lose === undefined ? settling : 0)
  while (excess(before, after, bounds).length > 0 && performance.now() < settled) {
    await sleep(100)
    after = census()
  }
  state.faults.push(...excess(before, after, bounds))
  const { rounds, operations, interrupted, crashed, started, faults } = state
  return { seed, rounds, operations, interrupted, crashed, started, faults }
}
