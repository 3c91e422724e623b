import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { surroundingBlocks } from "../connection/internal/block.ts"

/** A block whose callback is running: what the callback runs is interrupted with it. */
class RunningBlock {
  readonly fibers = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
  interrupted = false

  readonly interrupt: Effect.Effect<void> = Effect.sync(() => {
    this.interrupted = true
    for (const fiber of this.fibers) fiber.unsafeInterruptAsFork(FiberId.none)
  })
}

/** Where calls of the Promise style run: outside of everything, or inside the block whose callback makes them. */
export interface Surroundings {
  readonly runtime: Runtime.Runtime<never>
  readonly block: RunningBlock | undefined
  /** Facades made here, by what they stand for: the same object always has the same one. */
  readonly facades: WeakMap<object, object>
}

/** Outside of any block. */
export const outside: Surroundings = {
  // A callback runs on no fiber, so nobody can tell which blocks it is inside of.
  runtime: Runtime.setFiberRef(Runtime.defaultRuntime, surroundingBlocks, "unknown"),
  block: undefined,
  facades: new WeakMap(),
}

const blockInterrupted = () => new DOMException("The block that this call belongs to was interrupted", "AbortError")

const rejection = (cause: Cause.Cause<unknown>, { block }: Surroundings, signal: AbortSignal | undefined): unknown => {
  if (!Cause.isInterruptedOnly(cause)) return Cause.squash(cause)
  if (signal?.aborted) return signal.reason
  return block?.interrupted ? blockInterrupted() : Cause.squash(cause)
}

/** Runs an Effect to a Promise, which rejects with the typed error itself. */
export const run = <A, E>(
  effect: Effect.Effect<A, E>,
  surroundings: Surroundings,
  signal: AbortSignal | undefined,
): Promise<A> =>
  new Promise((resolve, reject) => {
    const { block, runtime } = surroundings
    if (signal?.aborted || block?.interrupted) {
      reject(signal?.aborted ? signal.reason : blockInterrupted())
      return
    }
    const fiber = Runtime.runFork(runtime)(effect)
    const interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
    signal?.addEventListener("abort", interrupt, { once: true })
    block?.fibers.add(fiber)
    fiber.addObserver((exit) => {
      signal?.removeEventListener("abort", interrupt)
      block?.fibers.delete(fiber)
      if (Exit.isSuccess(exit)) resolve(exit.value)
      else reject(rejection(exit.cause, surroundings, signal))
    })
  })

/** What an Effect gave, and what closes the scope that it was run in. */
export interface Opened<A> {
  readonly value: A
  readonly close: Effect.Effect<void>
}

/** Runs an Effect in a scope that stays open if it gives an object, with which it can be closed. */
export const opened = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<Opened<A>, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Scope.make(), (scope) =>
      Effect.matchCauseEffect(restore(Scope.extend(effect, scope)), {
        onSuccess: (value) => {
          const close = Scope.close(scope, Exit.void)
          return typeof value === "object" ? Effect.succeed({ value, close }) : Effect.as(close, { value, close })
        },
        onFailure: (cause) => Effect.zipRight(Scope.close(scope, Exit.failCause(cause)), Effect.failCause(cause)),
      }),
    ),
  )

/** A stream as an iterable: each iteration runs it anew, and ends it when the loop is left, however that happens. */
export const iterate = <A, E>(stream: Stream.Stream<A, E>, surroundings: Surroundings): AsyncIterable<A> => ({
  async *[Symbol.asyncIterator]() {
    const { value: pull, close } = await run(opened(Stream.toPull(stream)), surroundings, undefined)
    const next = Effect.catchAll(pull, (end) =>
      end._tag === "None" ? Effect.succeed(undefined) : Effect.fail(end.value),
    )
    try {
      for (;;) {
        const chunk = await run(next, surroundings, undefined)
        if (chunk === undefined) return
        yield* chunk
      }
    } finally {
      await run(close, outside, undefined)
    }
  },
})

/** A callback of the Promise style as the body of a block. */
export const bodyOf =
  <Args extends ReadonlyArray<unknown>>(
    callback: (inside: Surroundings, ...args: Args) => unknown,
  ): ((...args: Args) => Effect.Effect<unknown, unknown>) =>
  (...args) =>
    Effect.flatMap(Effect.runtime<never>(), (runtime) =>
      Effect.async<unknown, unknown>((resume) => {
        const block = new RunningBlock()
        const answer = new Promise((resolve) => {
          resolve(callback({ runtime, block, facades: new WeakMap() }, ...args))
        })
        answer.then(
          (value) => resume(Effect.succeed(value)),
          (error) => resume(Effect.fail(error)),
        )
        return block.interrupt
      }),
    )
