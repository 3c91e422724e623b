/** Runs one task on a pool, as an Effect: tokens, interruption and deadlock are decided here. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Stream from "effect/Stream"
import type { CapacityLimiter } from "../../CapacityLimiter.ts"
import { DeadlockError } from "../../errors.ts"
import type { Portal } from "../../Portal.ts"
import { currentCaller } from "../context/fiber-caller.ts"
import { wait } from "../context/wait.ts"
import { coreOf } from "../limiter/core.ts"
import type { Limiter } from "../limiter/limiter.ts"
import type { Restore } from "../limiter/take.ts"
import { activity, type Held, times } from "../portal/activity.ts"
import { heldIn } from "../portal/hosts.ts"
import { receptionOf } from "../portal/receptions.ts"
import { checkBufferSize } from "../stream/buffer-size.ts"
import { fromFeed } from "../stream/from-feed.ts"
import type { Item } from "../stream/types.ts"
import { stay } from "../transport/moves.ts"
import type { StreamJob, Work } from "./job.ts"
import type { RequestError } from "./requests.ts"
import type { RunError, StreamOptions } from "./run-options.ts"
import { StreamSubmission } from "./stream-submission.ts"
import { type Kind, Submission } from "./submission.ts"
import type { ThreadPool } from "./thread-pool.ts"

/** Runs a task and waits for its result. It holds a token of the limiter, if there is one, until its thread is free. */
export const runOn = <A, E>(
  pool: ThreadPool,
  limiter: CapacityLimiter | undefined,
  abandonOnCancel: boolean,
  Kind: Kind,
  ask: () => Work | RequestError,
  portal: Portal | undefined,
): Effect.Effect<Awaited<A>, RunError | E> =>
  Effect.uninterruptibleMask((restore): Effect.Effect<Awaited<A>, RunError | E> => {
    const work = ask()
    if (work instanceof Error) return refused(work)
    const core = limiter === undefined ? undefined : coreOf(limiter)
    // What only code that calls back, or was called back, needs: everything else does not pay for it.
    if (portal !== undefined || activity.handlers > 0) {
      return Effect.flatMap(Effect.getFiberRefs, (refs) => {
        const waiting = heldIn(refs)
        const locked = deadlock(waiting, pool, core, work)
        if (locked !== undefined) {
          stay(work.args)
          return Effect.fail(locked)
        }
        const host = portal && receptionOf(portal).host(refs, [pool, ...(core === undefined ? [] : [core]), ...waiting])
        return runJob<A>(pool, core, abandonOnCancel, Kind, { ...work, host }, restore)
      })
    }
    return runJob(pool, core, abandonOnCancel, Kind, work, restore)
  })

// A task's own failures, and that of its contract, are in the types where it is called.
const refused = <E>(error: RequestError): Effect.Effect<never, E> => Effect.fail(error as E)

const deadlock = (
  waiting: Held,
  pool: ThreadPool,
  core: Limiter | undefined,
  work: Work,
): DeadlockError | undefined => {
  const threads = times(waiting, pool)
  const target = `${work.module}#${work.name}`
  if (threads >= pool.maxThreads) {
    return new DeadlockError({
      target,
      detail: `it needs a thread, and those who wait for this handler have all ${threads}. Allow more with maxThreads`,
    })
  }
  if (core === undefined || core.total === 0) return undefined
  const tokens = times(waiting, core)
  if (tokens < core.total) return undefined
  return new DeadlockError({
    target,
    detail: `it needs a token, and those who wait for this handler have all ${tokens}. Use another limiter`,
  })
}

const runJob = <A>(
  pool: ThreadPool,
  core: Limiter | undefined,
  abandonOnCancel: boolean,
  Kind: Kind,
  work: Work,
  restore: Restore,
): Effect.Effect<Awaited<A>, RunError> => {
  const submission = new Submission(pool, core, Kind, work)
  // One step for the fiber, from the token to the result: this is what every call pays for.
  const result = wait<Awaited<A>, RunError>((resume) =>
    submission.start(currentCaller(), (exit) =>
      // Unlike an exit, it says in which span of the loop the task was run.
      resume(exit.ok ? Exit.succeed(exit.value as Awaited<A>) : Effect.fail(exit.error)),
    ),
  )
  return Effect.catchAllCause(restore(result), (cause) =>
    Cause.isInterrupted(cause)
      ? Effect.zipRight(
          wait<void>((resume) => submission.leave(abandonOnCancel, () => resume(Effect.void))),
          Effect.failCause(cause),
        )
      : Effect.failCause(cause),
  )
}

/** Streams what a task iterates, which has a token of the limiter and a thread for itself meanwhile. */
export const streamOn = <A, E>(
  pool: ThreadPool,
  limiter: CapacityLimiter,
  options: StreamOptions,
  ask: () => Work | RequestError,
  Kind: typeof StreamJob,
): Stream.Stream<Item<A>, RunError | E> => {
  const abandon = options.abandonOnCancel ?? false
  return fromFeed<Item<A>, RunError | E>(
    (feed) =>
      Effect.sync(() => {
        const bufferSize = checkBufferSize(options.bufferSize)
        const work = ask()
        // A task's own failures, and that of its contract, are in the types where it is called.
        if (work instanceof Error) feed.ended({ ok: false, error: work as never })
        else {
          const submission = new StreamSubmission({ pool, limiter: coreOf(limiter), work, bufferSize, abandon, Kind })
          submission.start(feed, currentCaller())
        }
      }),
    abandon,
  )
}
