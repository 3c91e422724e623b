/**
 * Limits how much happens at the same time: anyio's `CapacityLimiter`, in full.
 *
 * Unlike a semaphore it knows who holds its tokens. A borrower is an identity, by default the calling fiber: it can
 * hold one token, and only the holder can give it back. The number of tokens can be changed while they are in use. Who
 * waits is served in order, a token that comes free is reserved for the first in line, and interrupting one who waits
 * loses nothing.
 *
 * A limiter belongs to the thread that made it. It does no I/O.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { LimiterError, WouldBlockError } from "./errors.ts"
import { setCore } from "./internal/limiter/core.ts"
import { Limiter } from "./internal/limiter/limiter.ts"
import { type Restore, take } from "./internal/limiter/take.ts"

/** What there is to know about a limiter at one moment. anyio's `CapacityLimiterStatistics`. */
export interface Statistics {
  /** Tokens in use. */
  readonly borrowedTokens: number
  /** Tokens there are; `Infinity` where there is no limit. */
  readonly totalTokens: number
  /** Who holds a token: fibers, or what `acquireOnBehalfOf` was given. */
  readonly borrowers: ReadonlyArray<object>
  /** How many wait for one. */
  readonly tasksWaiting: number
}

/** A limiter. Made by `make`. */
export interface CapacityLimiter {
  /** How many tokens there are. */
  readonly totalTokens: Effect.Effect<number>

  /** How many tokens are in use. */
  readonly borrowedTokens: Effect.Effect<number>

  /** How many tokens are free; negative while more are in use than there are, after their number was lowered. */
  readonly availableTokens: Effect.Effect<number>

  /** All there is to know at this moment. */
  readonly statistics: Effect.Effect<Statistics>

  /**
   * Changes the number of tokens. With more, those who wait are served at once; with fewer, nobody loses a token, and
   * none is lent until enough have come back.
   *
   * @param totalTokens an integer of 0 or more, or `Infinity`; anything else is a `LimiterError`
   */
  readonly setTotalTokens: (totalTokens: number) => Effect.Effect<void, LimiterError>

  /**
   * Takes a token for the calling fiber and waits for one if none is free. Fails when this fiber has one already.
   * Prefer `use` or `scoped`: they give it back whatever happens.
   */
  readonly acquire: Effect.Effect<void, LimiterError>

  /**
   * `acquire`, but fails with `WouldBlockError` instead of waiting: also when others wait, for whom the next token
   * is.
   */
  readonly acquireNowait: Effect.Effect<void, LimiterError | WouldBlockError>

  /** `acquire` for another borrower than the calling fiber: any object that stands for whoever uses the token. */
  readonly acquireOnBehalfOf: (borrower: object) => Effect.Effect<void, LimiterError>

  /** `acquireNowait` for another borrower than the calling fiber. */
  readonly acquireOnBehalfOfNowait: (borrower: object) => Effect.Effect<void, LimiterError | WouldBlockError>

  /** Gives the calling fiber's token back. Fails when it has none. */
  readonly release: Effect.Effect<void, LimiterError>

  /** Gives the token of another borrower back. Fails when it has none. */
  readonly releaseOnBehalfOf: (borrower: object) => Effect.Effect<void, LimiterError>

  /**
   * Runs an effect while holding a token: anyio's `async with limiter`. The token comes back when the effect ends,
   * however it ends.
   *
   * ```ts
   * import { CapacityLimiter } from "@offloop/runtime"
   * import { Effect } from "effect"
   *
   * const program = Effect.gen(function* () {
   *   const limiter = yield* CapacityLimiter.make(2)
   *   yield* Effect.forEach([1, 2, 3, 4], (n) => limiter.use(Effect.log(n)), { concurrency: "unbounded" })
   * })
   * ```
   */
  readonly use: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LimiterError, R>

  /** `use` for another borrower than the calling fiber. */
  readonly useOnBehalfOf: (
    borrower: object,
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LimiterError, R>

  /** Takes a token that comes back when the scope closes. The borrower is the acquisition itself, not the fiber. */
  readonly scoped: Effect.Effect<void, LimiterError, Scope.Scope>
}

/**
 * Makes a limiter.
 *
 * @param totalTokens an integer of 0 or more, or `Infinity`; anything else is a `LimiterError`. With 0 everyone waits
 * until the number is raised.
 */
export const make = (totalTokens: number): Effect.Effect<CapacityLimiter, LimiterError> =>
  Effect.map(checkTotal(totalTokens), () => fromCore(new Limiter(totalTokens)))

const fromCore = (core: Limiter): CapacityLimiter => {
  const acquire = (borrower: object, restore: Restore): Effect.Effect<void, LimiterError> =>
    Effect.suspend(() => (core.knows(borrower) ? alreadyBorrowing : take(core, borrower, restore)))
  const acquireOnBehalfOf = (borrower: object) => Effect.uninterruptibleMask((restore) => acquire(borrower, restore))
  const acquireOnBehalfOfNowait = (borrower: object) =>
    Effect.suspend((): Effect.Effect<void, LimiterError | WouldBlockError> => {
      if (core.knows(borrower)) return alreadyBorrowing
      return core.take(borrower) ? Effect.void : Effect.fail(new WouldBlockError({ totalTokens: core.total }))
    })
  const releaseOnBehalfOf = (borrower: object) =>
    Effect.suspend(() => (core.release(borrower) ? Effect.void : notBorrowing))
  const useOnBehalfOf =
    (borrower: object) =>
    <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | LimiterError, R> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(
          acquire(borrower, restore),
          Effect.ensuring(
            restore(effect),
            Effect.sync(() => core.release(borrower)),
          ),
        ),
      )
  const limiter: CapacityLimiter = {
    totalTokens: Effect.sync(() => core.total),
    borrowedTokens: Effect.sync(() => core.borrowed),
    availableTokens: Effect.sync(() => core.total - core.borrowed),
    statistics: Effect.sync(() => ({
      borrowedTokens: core.borrowed,
      totalTokens: core.total,
      borrowers: core.borrowers,
      tasksWaiting: core.waiting,
    })),
    setTotalTokens: (total) => Effect.map(checkTotal(total), () => core.resize(total)),
    acquire: withFiber(acquireOnBehalfOf),
    acquireNowait: withFiber(acquireOnBehalfOfNowait),
    acquireOnBehalfOf,
    acquireOnBehalfOfNowait,
    release: withFiber(releaseOnBehalfOf),
    releaseOnBehalfOf,
    use: (effect) => withFiber((fiber) => useOnBehalfOf(fiber)(effect)),
    useOnBehalfOf,
    scoped: Effect.uninterruptibleMask((restore) => {
      // A scope may be closed by another fiber, and one fiber may have several.
      const borrower = {}
      return Effect.zipRight(
        acquire(borrower, restore),
        Effect.addFinalizer(() => Effect.sync(() => core.release(borrower))),
      )
    }),
  }
  setCore(limiter, core)
  return limiter
}

const checkTotal = (totalTokens: number): Effect.Effect<void, LimiterError> =>
  totalTokens === Number.POSITIVE_INFINITY || (Number.isInteger(totalTokens) && totalTokens >= 0)
    ? Effect.void
    : misuse(
        "InvalidTotalTokens",
        `A limiter has an integer number of tokens, 0 or more, or Infinity; not ${String(totalTokens)}.`,
      )

const withFiber = <A, E, R>(use: (fiber: object) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) => use(fiber))

const misuse = (reason: LimiterError["reason"], detail: string): Effect.Effect<never, LimiterError> =>
  Effect.suspend(() => Effect.fail(new LimiterError({ reason, detail })))

const alreadyBorrowing = misuse(
  "AlreadyBorrowing",
  "This borrower holds one of the limiter's tokens already, or waits for one. Release it first.",
)

const notBorrowing = misuse(
  "NotBorrowing",
  "This borrower holds none of the limiter's tokens. Only who acquired one can release it.",
)
