/** Opens an object again when its thread dies, as often and as fast as a schedule says. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { type OpenError, ResidentClosedError, WorkerCrashedError } from "../../errors.ts"
import type { RestartReason, SupervisorEvent } from "../../Resident.ts"
import type { Link } from "./link.ts"
import { SupervisedLink } from "./supervised-link.ts"

/** A link in a scope of its own. */
interface Opened {
  readonly link: Link
  readonly scope: Scope.CloseableScope
}

/** What there is to see of a supervised object. */
export interface Supervision {
  readonly link: SupervisedLink
  readonly restarts: () => number
  readonly events: PubSub.PubSub<SupervisorEvent>
}

/** How many events are kept for a subscriber that does not take them. */
const KEPT_EVENTS = 256

/** Opens the object, and supervises it until the scope closes. `open` opens it once. */
export const supervise = <R, RS>(
  name: string,
  open: Effect.Effect<Link, OpenError, R | Scope.Scope>,
  schedule: Schedule.Schedule<unknown, RestartReason, RS>,
): Effect.Effect<Supervision, OpenError, Exclude<R, Scope.Scope> | RS | Scope.Scope> =>
  Effect.gen(function* () {
    const crashes = yield* Queue.unbounded<WorkerCrashedError>()
    const events = yield* PubSub.sliding<SupervisorEvent>(KEPT_EVENTS)
    const link = new SupervisedLink(name, (crash) => Queue.unsafeOffer(crashes, crash))
    let current: Opened
    let restarts = 0

    // In place at the same moment as it is open, so that whoever closes finds either nothing or all of it.
    const openNext = Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const next = yield* restore(Scope.extend(open, scope)).pipe(
          Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit))),
        )
        current = { link: next, scope }
        link.install(next)
      }),
    )

    const giveUp = (error: WorkerCrashedError) =>
      Effect.gen(function* () {
        yield* Effect.logError("resident is not opened again", Cause.fail(error))
        link.end(error)
        yield* PubSub.publish(events, { _tag: "GaveUp", cause: error, restarts })
      })

    /** Says whether there is an object again. */
    const recover = (crash: WorkerCrashedError, driver: Schedule.ScheduleDriver<unknown, RestartReason, RS>) =>
      Effect.gen(function* () {
        yield* Scope.close(current.scope, Exit.void)
        yield* PubSub.publish(events, { _tag: "Crashed", cause: crash, restarts })
        let reason: RestartReason = crash
        while (Either.isRight(yield* Effect.either(driver.next(reason)))) {
          restarts++
          yield* Effect.logWarning(`resident is opened again, restart ${restarts}`, Cause.fail(reason))
          const opened: Either.Either<void, OpenError> = yield* Effect.either(openNext)
          if (Either.isRight(opened)) {
            yield* PubSub.publish(events, { _tag: "Reopened", cause: crash, restarts })
            return true
          }
          reason = opened.left
          yield* PubSub.publish(events, { _tag: "ReopenFailed", cause: reason, restarts })
        }
        const { exitCode, cause } = crash
        yield* giveUp(
          new WorkerCrashedError({ worker: name, exitCode, cause: reason === crash ? cause : reason, restarts }),
        )
        return false
      })

    const loop = Effect.gen(function* () {
      const driver = yield* Schedule.driver(schedule)
      while (yield* recover(yield* Queue.take(crashes), driver)) {}
    }).pipe(
      // Of the program's schedule, for instance. Without this those who wait would wait for ever.
      Effect.catchAllDefect((cause) =>
        giveUp(new WorkerCrashedError({ worker: name, exitCode: undefined, cause, restarts })),
      ),
      Effect.annotateLogs("resident", name),
    )

    yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        yield* restore(openNext)
        const fiber = yield* Effect.forkDaemon(Effect.interruptible(loop))
        // Who terminates the object does not want another. Inside of the loop itself there is nothing to interrupt.
        link.onEnd((ended) => {
          if (ended._tag === "ResidentClosedError") fiber.unsafeInterruptAsFork(FiberId.none)
        })
        yield* Effect.addFinalizer((exit) =>
          Fiber.interrupt(fiber).pipe(
            // Calls that wait for an object will get none.
            Effect.zipRight(Effect.sync(() => link.close())),
            Effect.zipRight(Effect.suspend(() => Scope.close(current.scope, exit))),
            Effect.ensuring(Effect.sync(() => link.end(new ResidentClosedError({ worker: name })))),
            Effect.ensuring(PubSub.shutdown(events)),
          ),
        )
      }),
    )
    return { link, restarts: () => restarts, events }
  })
