/** Supervision by a schedule of Effect. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { OpenError } from "../../errors.ts"
import type { RestartReason, SupervisorEvent } from "../../Resident.ts"
import { wait } from "../context/wait.ts"
import type { SupervisedLink } from "./supervised-link.ts"
import { type Decision, Supervisor, type SupervisorInput } from "./supervisor.ts"

/** What there is to see of a supervised object. */
export interface Supervision {
  readonly link: SupervisedLink
  readonly restarts: () => number
  readonly events: PubSub.PubSub<SupervisorEvent>
}

/** How many events are kept for a subscriber that does not take them. */
const KEPT_EVENTS = 256

/** Opens the object, and supervises it until the scope closes. `open` opens it once. */
export const supervise = <E, R>(
  name: string,
  open: SupervisorInput<E>["open"],
  schedule: Schedule.Schedule<unknown, RestartReason, R>,
): Effect.Effect<Supervision, OpenError | E, R | Scope.Scope> =>
  Effect.gen(function* () {
    const run = Runtime.runFork(yield* Effect.runtime<R>())
    const driver = yield* Schedule.driver(schedule)
    const events = yield* PubSub.sliding<SupervisorEvent>(KEPT_EVENTS)
    const supervisor = new Supervisor<E>({
      name,
      open,
      decide: (reason, _, onDecision) => {
        const fiber = run(driver.next(reason))
        fiber.addObserver((exit) => {
          const decision = decisionOf(exit)
          if (decision !== undefined) onDecision(decision)
        })
        return () => fiber.unsafeInterruptAsFork(FiberId.none)
      },
      onEvent: (event) => void run(PubSub.publish(events, event)),
      log: (level, message, reason) => {
        const log = Effect.logWithLevel(LogLevel.fromLiteral(level), message, Cause.fail(reason))
        run(Effect.annotateLogs(log, "resident", name))
      },
    })
    const close = wait<void>((resume) =>
      supervisor.close((exit) => resume(exit.ok ? Effect.void : Effect.die(exit.error))),
    )
    const started = wait<void, OpenError | E>((resume) => {
      const stop = supervisor.start((exit) => resume(exit.ok ? Effect.void : Effect.fail(exit.error)))
      return Effect.sync(stop)
    })
    yield* Effect.acquireRelease(
      Effect.interruptible(started).pipe(
        // Interrupted, it may be open all the same.
        Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : close)),
      ),
      () => Effect.ensuring(close, PubSub.shutdown(events)),
    )
    return { link: supervisor.link, restarts: () => supervisor.restarts, events }
  })

/** `undefined` where nobody waits for the decision any more. */
const decisionOf = (exit: Exit.Exit<unknown, unknown>): Decision | undefined => {
  if (Exit.isSuccess(exit)) return { again: true }
  if (Cause.isInterruptedOnly(exit.cause)) return undefined
  const defect = Cause.dieOption(exit.cause)
  return Option.isSome(defect) ? { failed: defect.value } : { again: false }
}
