/**
 * Limits how much happens at the same time: anyio's `CapacityLimiter`, in full.
 *
 * Unlike a semaphore it knows who holds its tokens. A borrower is an identity, by default the calling fiber: it can
 * hold one token, and only the holder can give it back. The number of tokens can be changed while they are in use. Who
 * waits is served in order, a token that comes free is reserved for the first in line, and interrupting one who waits
 * loses nothing.
 *
 * No interruption, wherever it falls, loses a token of `use`, `useOnBehalfOf`, `scoped`, `scopedOnBehalfOf` or
 * `acquire`: the last comes back when its fiber ends, if it was not released before. Only `acquireOnBehalfOf` leaves it to
 * its caller, who knows the borrower and can release on its behalf.
 *
 * A limiter belongs to the thread that made it. It does no I/O.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { type LimiterError, WouldBlockError } from "./errors.ts"
import { setCore } from "./internal/limiter/core.ts"
import { Limiter } from "./internal/limiter/limiter.ts"
import { alreadyBorrowing, notBorrowing, totalProblem } from "./internal/limiter/misuse.ts"
import { type Statistics, statisticsOf } from "./internal/limiter/statistics.ts"
import { type Restore, take } from "./internal/limiter/take.ts"

export type { Statistics } from "./internal/limiter/statistics.ts"

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
   * Takes a token for the calling fiber and waits for one if none is free. Fails when this fiber has one already. The
   * token comes back with `release`, and at the latest when the fiber ends: also where it was interrupted exactly as
   * this returned, and nobody could release it.
   *
   * The borrower is the very fiber that runs this. `Effect.timeout`, `Effect.race`, `Effect.fork` and concurrent
   * `Effect.all` run what they are given in fibers of their own: put the whole use of the token into them, not `acquire`
   * alone. Prefer `use` or `scoped`.
   */
  readonly acquire: Effect.Effect<void, LimiterError>

  /**
   * `acquire`, but fails with `WouldBlockError` instead of waiting: also when others wait, for whom the next token
   * is. anyio's `acquire_nowait`.
   */
  readonly acquireNowait: Effect.Effect<void, LimiterError | WouldBlockError>

  /**
   * `acquire` for another borrower than the calling fiber: any value that stands for whoever uses the token, told apart
   * as a `Set` tells its members apart. The token belongs to nobody's fiber and stays until it is released. Interrupted
   * while it waits, it takes none. Interrupted exactly as it returns, the token is taken, and the borrower is there to
   * release it by, as below; `useOnBehalfOf` and `scopedOnBehalfOf` do that by themselves.
   *
   * ```ts
   * import type { CapacityLimiter } from "@offloop/runtime"
   * import { Effect } from "effect"
   *
   * const serve = (limiter: CapacityLimiter.CapacityLimiter, request: Request) =>
   *   limiter.acquireOnBehalfOf(request).pipe(
   *     Effect.zipRight(Effect.log(request.url)),
   *     // Without a token of this request it fails, which is fine here.
   *     Effect.ensuring(Effect.ignore(limiter.releaseOnBehalfOf(request))),
   *   )
   * ```
   */
  readonly acquireOnBehalfOf: (borrower: unknown) => Effect.Effect<void, LimiterError>

  /** `acquireNowait` for another borrower than the calling fiber. */
  readonly acquireOnBehalfOfNowait: (borrower: unknown) => Effect.Effect<void, LimiterError | WouldBlockError>

  /** Gives the calling fiber's token back. Fails when it has none. */
  readonly release: Effect.Effect<void, LimiterError>

  /** Gives the token of another borrower back. Fails when it has none. */
  readonly releaseOnBehalfOf: (borrower: unknown) => Effect.Effect<void, LimiterError>

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
    borrower: unknown,
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LimiterError, R>

  /** Takes a token that comes back when the scope closes. The borrower is the acquisition itself, not the fiber. */
  readonly scoped: Effect.Effect<void, LimiterError, Scope.Scope>

  /** `scoped` for a borrower of the caller's. */
  readonly scopedOnBehalfOf: (borrower: unknown) => Effect.Effect<void, LimiterError, Scope.Scope>
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
  const acquire = (borrower: unknown, restore: Restore): Effect.Effect<void, LimiterError> =>
    Effect.suspend(() => (core.knows(borrower) ? Effect.fail(alreadyBorrowing()) : take(core, borrower, restore)))
  const acquireOnBehalfOf = (borrower: unknown) => Effect.uninterruptibleMask((restore) => acquire(borrower, restore))
  const acquireOnBehalfOfNowait = (borrower: unknown) =>
    Effect.suspend((): Effect.Effect<void, LimiterError | WouldBlockError> => {
      if (core.knows(borrower)) return Effect.fail(alreadyBorrowing())
      return core.take(borrower) ? Effect.void : Effect.fail(new WouldBlockError({ totalTokens: core.total }))
    })
  const releaseOnBehalfOf = (borrower: unknown) =>
    Effect.suspend(() => (core.release(borrower) ? Effect.void : Effect.fail(notBorrowing())))
  const useOnBehalfOf =
    (borrower: unknown) =>
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
  const scopedOnBehalfOf = (borrower: unknown) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.zipRight(
        acquire(borrower, restore),
        Effect.addFinalizer(() => Effect.sync(() => core.release(borrower))),
      ),
    )
  const ends = new WeakSet<AnyFiber>()
  // Between two steps of a fiber there is always room for an interruption, so a token that is the fiber's own can be
  // safe only by ending with it.
  const borrowing = <E>(acquired: (fiber: AnyFiber) => Effect.Effect<void, E>): Effect.Effect<void, E> =>
    withFiber((fiber) => {
      if (!ends.has(fiber)) {
        ends.add(fiber)
        fiber.addObserver(() => core.giveBack(fiber))
      }
      return acquired(fiber)
    })
  const limiter: CapacityLimiter = {
    totalTokens: Effect.sync(() => core.total),
    borrowedTokens: Effect.sync(() => core.borrowed),
    availableTokens: Effect.sync(() => core.total - core.borrowed),
    statistics: Effect.sync(() => statisticsOf(core)),
    setTotalTokens: (total) => Effect.map(checkTotal(total), () => core.resize(total)),
    acquire: borrowing(acquireOnBehalfOf),
    acquireNowait: borrowing(acquireOnBehalfOfNowait),
    acquireOnBehalfOf,
    acquireOnBehalfOfNowait,
    release: withFiber(releaseOnBehalfOf),
    releaseOnBehalfOf,
    use: (effect) => withFiber((fiber) => useOnBehalfOf(fiber)(effect)),
    useOnBehalfOf,
    // A scope may be closed by another fiber, and one fiber may have several.
    scoped: Effect.suspend(() => scopedOnBehalfOf({})),
    scopedOnBehalfOf,
  }
  setCore(limiter, core)
  return limiter
}

const checkTotal = (totalTokens: number): Effect.Effect<void, LimiterError> => {
  const problem = totalProblem(totalTokens)
  return problem === undefined ? Effect.void : Effect.fail(problem)
}

type AnyFiber = Fiber.RuntimeFiber<unknown, unknown>

const withFiber = <A, E, R>(use: (fiber: AnyFiber) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) => use(fiber as AnyFiber))
