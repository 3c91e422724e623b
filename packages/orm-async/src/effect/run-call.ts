/** Calls as Effects. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { placeNowhere } from "../errors/caller-stack.ts"
import { isTypedError } from "../errors/typed-error.ts"
import { type Call, Left } from "../operation/call.ts"
import { inCallersContext } from "../operation/callers-context.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import { Operation, type Procedure } from "../operation/operation.ts"
import type { Outcome } from "../operation/outcome.ts"

/** Gives the interruptibility back that an `uninterruptibleMask` took away. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** The error of a call as a cause: typed errors are failures, everything else is a defect. */
export const causeOf = <E>(error: unknown): Cause.Cause<E> => {
  if (error instanceof FailedCleanUp) return Cause.sequential(causeOf(error.error), causeOf(error.cleanUp))
  if (!isTypedError(error)) return Cause.die(error)
  placeNowhere(error)
  return Cause.fail(error as E)
}

/** The outcome of a call as an Effect that has run. */
export const exitOf = <A, E>(outcome: Outcome<A>): Exit.Exit<A, E> =>
  outcome.ok ? Exit.succeed(outcome.value) : Exit.failCause(causeOf<E>(outcome.error))

/** One run of a call on a fiber. Fibers wait for it only if its answer does not come at once. */
class RunningCall<A, E> {
  readonly #call: Call<A>
  #outcome: Outcome<A> | undefined
  #resume: ((effect: Effect.Effect<void>) => void) | undefined

  constructor(call: Call<A>) {
    this.#call = call
  }

  /** The answer, if it came at once. */
  start(): Exit.Exit<A, E> | undefined {
    this.#call.start((outcome) => {
      this.#outcome = outcome
      this.#resume?.(Effect.void)
    })
    return this.#outcome === undefined ? undefined : exitOf(this.#outcome)
  }

  /** Ends with the answer. A fiber that is interrupted in `restore` leaves the call. */
  wait(restore: Restore): Effect.Effect<A, E> {
    return Effect.matchCauseEffect(restore(this.#answered), {
      onSuccess: () => this.#exit,
      onFailure: (cause) => {
        // The answer came in the moment of the interruption: it counts, so that nothing which it gives is lost.
        if (this.#outcome !== undefined) return this.#exit
        if (this.#call.leave() !== "stay") return Effect.failCause(cause)
        return Effect.flatMap(this.#answered, () => (this.#hasLeft ? Effect.failCause(cause) : this.#exit))
      },
    })
  }

  /** The outcome was waited for, and what followed it was left. */
  get #hasLeft(): boolean {
    const outcome = this.#outcome
    return outcome?.ok === false && outcome.error instanceof Left
  }

  get #exit(): Exit.Exit<A, E> {
    return exitOf(this.#outcome as Outcome<A>)
  }

  get #answered(): Effect.Effect<void> {
    return Effect.async((resume) => {
      if (this.#outcome === undefined) this.#resume = inCallersContext(resume)
      else resume(Effect.void)
    })
  }
}

const start = <A, E>(restore: Restore, make: () => Call<A>): Effect.Effect<A, E> => {
  let running: RunningCall<A, E>
  try {
    running = new RunningCall<A, E>(make())
  } catch (error) {
    return Exit.failCause(causeOf(error))
  }
  return running.start() ?? running.wait(restore)
}

/**
 * A call as an Effect, made and started anew whenever it is run. Interrupting its fiber leaves the call, and ends at once
 * unless the outcome must be known first: `runCall<BufferedResult<Row>, SqlError>(() => new StatementCall(core, compile))`.
 *
 * @param make gives the call, or throws why there is none
 */
export const runCall = <A, E>(make: () => Call<A>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) => start(restore, make))

/**
 * {@link runCall} inside of something uninterruptible: only what it waits for is run in `restore`. An answer is never lost,
 * so that the caller can clean up what it gives.
 */
export const runCallIn = <A, E>(restore: Restore, make: () => Call<A>): Effect.Effect<A, E> =>
  Effect.suspend(() => start(restore, make))

/** {@link runCall} for a procedure. */
export const runProcedure = <A, E>(make: () => Procedure<A>): Effect.Effect<A, E> => runCall(() => new Operation(make))

/** {@link runCallIn} for a procedure. */
export const runProcedureIn = <A, E>(restore: Restore, make: () => Procedure<A>): Effect.Effect<A, E> =>
  runCallIn(restore, () => new Operation(make))

/** The `restore` of what waits even for an interruption. */
export const noRestore: Restore = (effect) => effect
