/**
 * Everything that takes threads, processes, tokens or handles, in random order, interrupted and crashed at random moments;
 * then counts what is left. The same seed does the same things, though not at the same moments.
 */
import { setTimeout as sleep } from "node:timers/promises"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { Backend, CapacityLimiter, OffLoop } from "../../src/index.ts"
import { allowances } from "./allowances.ts"
import { type Bounds, census, excess } from "./census.ts"
import { closeOwn, open, openForEver, operation, poolOptions } from "./operations.ts"
import { type Random, seeded } from "./random.ts"
import { crashCode } from "./tasks.ts"

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
  /** Threads that were started, those of the Promise API apart. */
  readonly started: number
  readonly processes: number
  /** Why the pools' threads and processes ended. */
  readonly retired: Readonly<Record<string, number>>
  /** What the runtime itself keeps, and is not held against the package. */
  readonly allowed: ReadonlyArray<string>
  /** What is wrong, in words. */
  readonly faults: ReadonlyArray<string>
}

/** How long what has been told to end may take, in milliseconds. */
const settling = 20_000

/** What a soak knows of itself while it runs. */
export class Progress {
  rounds = 0
  operations = 0
  interrupted = 0
  crashed = 0
  started = 0
  processes = 0
  /** Threads that ended by the exit code of a crash that was asked for. */
  crashedThreads = 0
  /** Threads and processes that have not ended. */
  alive = 0
  readonly retired: Record<string, number> = {}
  readonly faults: string[] = []
  /** What has begun and not ended. */
  readonly pending = new Set<string>()

  /** Notes what is wrong. The first say what there is to know. */
  fault(text: string): void {
    if (this.faults.length < 10) this.faults.push(text)
  }
}

const counted = (progress: Progress): Layer.Layer<Backend.Backend> => {
  const backend = Backend.detect()
  if (backend.inline) throw new Error("the soak needs threads")
  return Layer.succeed(Backend.Backend, {
    ...backend,
    spawnThread: (options) => {
      const thread = backend.spawnThread(options)
      progress.started++
      progress.alive++
      thread.onExit(({ code }) => {
        if (code === crashCode) progress.crashedThreads++
      })
      thread.onGone(() => progress.alive--)
      return thread
    },
    spawnProcess: (options, listener) => {
      const started = backend.spawnProcess(options, {
        ...listener,
        onExit: (exit) => {
          progress.alive--
          listener.onExit(exit)
        },
      })
      progress.processes++
      progress.alive++
      return started
    },
  })
}

const judge = (progress: Progress, name: string, mayCrash: boolean, exit: Exit.Exit<unknown, unknown>): void => {
  progress.operations++
  if (Exit.isSuccess(exit)) return
  const failure = Cause.failureOption(exit.cause)
  const tag = Option.isSome(failure) ? (failure.value as { readonly _tag?: string })._tag : undefined
  if (mayCrash && tag === "WorkerCrashedError") progress.crashed++
  else if (Cause.isInterruptedOnly(exit.cause)) progress.interrupted++
  else progress.fault(`${name} failed: ${Cause.pretty(exit.cause)}`)
}

/** What a round's pools say of themselves when they are closed. */
const audit = (progress: Progress, { blocking, async, inline, process }: OffLoop.Stats): void => {
  const pools = [blocking, async, inline, process]
  for (const { name, threads, idle, queued, running, started, retired } of pools) {
    const ended = Object.values(retired).reduce((sum, count) => sum + count, 0)
    if (threads + idle + queued + running > 0 || started !== ended) {
      progress.fault(
        `pool ${name}: closed with ${threads} threads, ${idle} idle, ${queued} queued, ${running} running; ` +
          `${started} started and ${ended} ended`,
      )
    }
    for (const [reason, count] of Object.entries(retired)) {
      if (count > 0) progress.retired[reason] = (progress.retired[reason] ?? 0) + count
    }
  }
}

/** Tokens of what was terminated come back when it is really gone. */
const tokensBack = async (progress: Progress, limiter: CapacityLimiter.CapacityLimiter, patience: number) => {
  const settled = performance.now() + patience
  for (;;) {
    const { borrowedTokens, tasksWaiting } = await Effect.runPromise(limiter.statistics)
    if (borrowedTokens + tasksWaiting === 0) return
    if (performance.now() > settled) {
      progress.fault(
        `tokens: ${borrowedTokens} were not returned, and ${tasksWaiting} wait, after round ${progress.rounds}`,
      )
      return
    }
    await sleep(5)
  }
}

/** Operations that overlap, in scopes that close when they are done, or under them. */
const round = (progress: Progress, random: Random, deadline: number, limiter: CapacityLimiter.CapacityLimiter) => {
  const options = poolOptions(random)
  const operations = Effect.gen(function* () {
    const tools = yield* open(random, limiter)
    const one = Effect.suspend(() => {
      if (performance.now() > deadline) return Effect.void
      const { name, run, mayCrash } = operation(random, tools)
      const cut = random.below(3) === 0 ? random.below(6) : undefined
      const label = `${name} ${progress.operations + progress.pending.size}${cut === undefined ? "" : `, cut after ${cut} ms`}`
      progress.pending.add(label)
      const made = cut === undefined ? run : Effect.raceFirst(run, Effect.zipRight(Effect.sleep(cut), Effect.interrupt))
      return made.pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            progress.pending.delete(label)
            judge(progress, name, mayCrash, exit)
          }),
        ),
        Effect.exit,
      )
    })
    yield* Effect.forEach(Array.from({ length: 80 }), () => one, { concurrency: 8, discard: true })
  })
  const cut = random.below(4) === 0 ? random.below(400) : undefined
  const scoped = Effect.gen(function* () {
    const { stats } = yield* OffLoop.OffLoop
    yield* Effect.scoped(operations).pipe(
      cut === undefined
        ? (all) => all
        : (all) => Effect.raceFirst(all, Effect.zipRight(Effect.sleep(cut), Effect.interrupt)),
      Effect.ensuring(Effect.sync(() => progress.pending.add("closing the round"))),
      Effect.exit,
      Effect.tap((exit) => Effect.sync(() => judgeRound(progress, exit))),
    )
    return stats
  })
  return scoped.pipe(
    Effect.provide(Layer.provideMerge(OffLoop.layer(options), counted(progress))),
    Effect.flatMap((stats) => Effect.map(stats, (said) => audit(progress, said))),
    Effect.ensuring(closeOwn),
    Effect.ensuring(Effect.sync(() => progress.pending.delete("closing the round"))),
    Effect.provide(Logger.remove(Logger.defaultLogger)),
    Effect.orDie,
  )
}

const judgeRound = (progress: Progress, exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return
  // A resident whose crash was asked for by a call that was interrupted, and came only while its scope closed: closing it
  // says so, because the object's own close did not run.
  for (const problem of [...Cause.failures(exit.cause), ...Cause.defects(exit.cause)]) {
    if ((problem as { readonly _tag?: string })._tag !== "WorkerCrashedError") {
      progress.fault(`a round failed: ${Cause.pretty(exit.cause)}`)
      return
    }
  }
}

const soakFor = async (
  progress: Progress,
  random: Random,
  millis: number,
  lost: SoakOptions["lose"],
): Promise<void> => {
  const deadline = performance.now() + millis
  let losing = lost
  while (performance.now() < deadline) {
    const limiter = Effect.runSync(CapacityLimiter.make(2 + random.below(4)))
    if (losing === "token") await Effect.runPromise(limiter.acquireOnBehalfOf({}))
    await Effect.runPromise(round(progress, random, deadline, limiter))
    progress.rounds++
    await tokensBack(progress, limiter, losing === "token" ? 0 : settling)
    losing = undefined
  }
  const settled = performance.now() + settling
  const lostThreads = lost === "thread" ? 1 : 0
  while (progress.alive > lostThreads && performance.now() < settled) await sleep(20)
}

const mebibyte = 1024 * 1024

/** Soaks for a while, and reports. The first quarter loads and warms what stays, before anything is counted. */
export const soak = async ({ millis, seed, lose }: SoakOptions, progress = new Progress()): Promise<SoakReport> => {
  const random = seeded(seed)
  await soakFor(progress, random, Math.min(10_000, millis / 4), undefined)
  const before = census()
  const crashedBefore = progress.crashedThreads
  if (lose === "thread") {
    // The scope is never closed.
    const made = Effect.flatMap(Scope.make(), (scope) => Scope.extend(openForEver, scope))
    await Effect.runPromise(Effect.provide(made, counted(progress)))
  }
  await soakFor(progress, random, (millis * 3) / 4, lose)
  if (progress.alive > 0) {
    progress.fault(
      `threads: ${progress.alive} of ${progress.started + progress.processes} that were started have not ended`,
    )
  }
  const { reasons, ...allowed } = allowances(progress.crashedThreads - crashedBefore)
  const bounds: Bounds = {
    processes: 0,
    // Garbage that collectors keep for later, and code that was compiled meanwhile.
    heapBytes: 16 * mebibyte,
    externalBytes: 16 * mebibyte,
    residentBytes: 192 * mebibyte,
    ...allowed,
  }
  // What the runtime frees later, it frees within a while.
  let after = census()
  const settled = performance.now() + (lose === undefined ? settling : 0)
  while (excess(before, after, bounds).length > 0 && performance.now() < settled) {
    await sleep(100)
    after = census()
  }
  progress.faults.push(...excess(before, after, bounds))
  const { rounds, operations, interrupted, crashed, started, processes, retired, faults } = progress
  return {
    seed,
    rounds,
    operations,
    interrupted,
    crashed,
    started,
    processes,
    retired,
    allowed: reasons,
    faults,
  }
}
