/**
 * `CapacityLimiter` for programs without Effect. A promise is nobody, so the calls whose borrower is the calling fiber
 * are missing: `use` and `scoped` borrow for themselves, the others name who borrows.
 */
import * as Effect from "effect/Effect"
import * as Effects from "../CapacityLimiter.ts"
import { closable, facadeOf, signalOf, standsFor } from "./adapter.ts"
import { type CallOptions, callerOf, open, run } from "./run.ts"

export type { Statistics } from "../CapacityLimiter.ts"

/** What runs while a token is held. */
export type Body<A> = () => PromiseLike<A> | A

/** A limiter. Made by `make`. */
export interface CapacityLimiter {
  /** How many tokens there are. */
  readonly totalTokens: () => Promise<number>
  /** How many tokens are in use. */
  readonly borrowedTokens: () => Promise<number>
  /** How many tokens are free; negative while more are in use than there are. */
  readonly availableTokens: () => Promise<number>
  /** All there is to know at this moment. */
  readonly statistics: () => Promise<Effects.Statistics>
  /** Changes the number of tokens. Rejects with `LimiterError` if it is no integer of 0 or more, nor `Infinity`. */
  readonly setTotalTokens: (totalTokens: number) => Promise<void>
  /** Takes a token for a borrower and waits for one if none is free. */
  readonly acquireOnBehalfOf: (borrower: object, options?: CallOptions) => Promise<void>
  /** Takes a token for a borrower, or rejects with `WouldBlockError`. */
  readonly acquireOnBehalfOfNowait: (borrower: object) => Promise<void>
  /** Gives the token of a borrower back. */
  readonly releaseOnBehalfOf: (borrower: object) => Promise<void>
  /**
   * Runs a function while holding a token, which comes back when the function's promise has settled. Aborting the signal
   * stops waiting for the token; once the function runs, its end is waited for.
   */
  readonly use: <A>(body: Body<A>, options?: CallOptions) => Promise<A>
  /** `use` for a borrower. */
  readonly useOnBehalfOf: (borrower: object) => <A>(body: Body<A>, options?: CallOptions) => Promise<A>
  /** Takes a token that comes back when it is disposed of: `await using token = await limiter.scoped()`. */
  readonly scoped: (options?: CallOptions) => Promise<AsyncDisposable & { readonly close: () => Promise<void> }>
}

const effectOf = <A>(body: Body<A>): Effect.Effect<A, unknown> =>
  Effect.uninterruptible(Effect.tryPromise({ try: async () => body(), catch: (thrown) => thrown }))

/** A limiter of the Effect API for programs without Effect. */
export const fromEffect = (limiter: Effects.CapacityLimiter): CapacityLimiter => {
  const {
    acquire: _,
    acquireNowait: __,
    release: ___,
    use: use_,
    useOnBehalfOf: onBehalfOf,
    scoped: scoped_,
    ...rest
  } = limiter
  const use: CapacityLimiter["use"] = (body, options) =>
    run(use_(effectOf(body)), signalOf(options), callerOf(use)) as Promise<never>
  const acquireOnBehalfOf: CapacityLimiter["acquireOnBehalfOf"] = (borrower, options) =>
    run(limiter.acquireOnBehalfOf(borrower), signalOf(options), callerOf(acquireOnBehalfOf))
  const useOnBehalfOf: CapacityLimiter["useOnBehalfOf"] = (borrower) => {
    const useFor: ReturnType<CapacityLimiter["useOnBehalfOf"]> = (body, options) =>
      run(onBehalfOf(borrower)(effectOf(body)), signalOf(options), callerOf(useFor)) as Promise<never>
    return useFor
  }
  const scoped: CapacityLimiter["scoped"] = async (options) =>
    closable((await open(scoped_, signalOf(options), callerOf(scoped))).close)
  const facade = facadeOf(rest, { use, useOnBehalfOf, acquireOnBehalfOf, scoped }) as CapacityLimiter
  return standsFor(facade, limiter)
}

/**
 * Makes a limiter. Rejects with `LimiterError` if the number is no integer of 0 or more, nor `Infinity`.
 *
 * ```ts
 * import { CapacityLimiter } from "@offloop/runtime/promise"
 *
 * const limiter = await CapacityLimiter.make(2)
 * await Promise.all([1, 2, 3, 4].map((n) => limiter.use(async () => console.log(n))))
 * ```
 */
export const make = async (totalTokens: number): Promise<CapacityLimiter> =>
  fromEffect(await run(Effects.make(totalTokens), undefined, callerOf(make)))
