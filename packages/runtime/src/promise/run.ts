/** Effects as promises. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Scope from "effect/Scope"

/** What every call takes. */
export interface CallOptions {
  /** Aborting it interrupts the call, which rejects with the signal's reason when the interruption has taken effect. */
  readonly signal?: AbortSignal | undefined
}

/** Where a call was made: its stack is read only if the call fails. */
export interface Caller {
  readonly stack?: string
}

/** Remembers who called the function that is given. */
export const callerOf = (called: (...args: never) => unknown): Caller => {
  const caller: Caller = {}
  Error.captureStackTrace(caller, called)
  return caller
}

/** Who called an async function, or awaits its promise, from an error made in it. */
export const outsideOf = (made: Error): Caller => {
  const [, ...others] = framesOf(made)
  return { stack: others.join("\n") }
}

const framesOf = ({ stack }: Caller): string[] =>
  stack?.split("\n").filter((line) => /^\s+at /.test(line) || /@/.test(line)) ?? []

/** Runs an effect to a promise, which rejects with the typed error itself. */
export const run = <A, E>(effect: Effect.Effect<A, E>, signal: AbortSignal | undefined, caller: Caller): Promise<A> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const fiber = Effect.runFork(effect)
    const interrupt = signal && (() => fiber.unsafeInterruptAsFork(FiberId.none))
    if (interrupt !== undefined) signal?.addEventListener("abort", interrupt, { once: true })
    fiber.addObserver((exit) => {
      if (interrupt !== undefined) signal?.removeEventListener("abort", interrupt)
      if (Exit.isSuccess(exit)) resolve(exit.value)
      else if (signal?.aborted === true && Cause.isInterruptedOnly(exit.cause)) reject(signal.reason)
      else reject(calledFrom(Cause.squash(exit.cause), caller))
    })
  })

/** Errors that point at who made the call already: one error can be that of many calls. */
const placed = new WeakSet<object>()

/** An error, as who made the call reads it. */
// An error of this package was made where an answer arrived, which says nothing to who reads it.
export const calledFrom = (error: unknown, caller: Caller): unknown => {
  if (!(error instanceof Error) || !("_tag" in error) || placed.has(error)) return error
  placed.add(error)
  const frames = framesOf(caller)
  if (frames.length > 0) {
    Object.defineProperty(error, "stack", {
      value: `${error.name}: ${error.message}\n${frames.join("\n")}`,
      writable: true,
      enumerable: false,
      configurable: true,
    })
  }
  return error
}

/** What was opened, and how to close it. */
export interface Opened<A> {
  readonly value: A
  readonly close: () => Promise<void>
}

/** Runs an effect in a scope that stays open until it is closed; at once if the effect does not succeed. */
export const open = <A, E>(
  effect: Effect.Effect<A, E, Scope.Scope>,
  signal: AbortSignal | undefined,
  caller: Caller,
): Promise<Opened<A>> =>
  run(
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Scope.make(), (scope) =>
        restore(Scope.extend(effect, scope)).pipe(
          Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
          Effect.map((value) => ({ value, close: () => run(Scope.close(scope, Exit.void), undefined, caller) })),
        ),
      ),
    ),
    signal,
    caller,
  )
