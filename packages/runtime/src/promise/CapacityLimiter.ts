/**
 * `CapacityLimiter` for programs without Effect. A promise is nobody, so the calls whose borrower is the calling fiber
 * are missing: `use` and `scoped` borrow for themselves, the others name who borrows.
 */
import { WouldBlockError } from "../errors.ts"
import { setCore } from "../internal/limiter/core.ts"
import { Limiter } from "../internal/limiter/limiter.ts"
import { alreadyBorrowing, notBorrowing, totalProblem } from "../internal/limiter/misuse.ts"
import { type Statistics, statisticsOf } from "../internal/limiter/statistics.ts"
import { type CallOptions, type Closable, closable } from "./call-options.ts"
import { calledFrom, outsideOf } from "./caller.ts"
import { settled } from "./settled.ts"

export type { Statistics } from "../internal/limiter/statistics.ts"

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
  readonly statistics: () => Promise<Statistics>
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
  readonly scoped: (options?: CallOptions) => Promise<Closable>
}

/**
 * Makes a limiter. Rejects with `LimiterError` if the number of tokens is no integer of 0 or more, nor `Infinity`.
 *
 * ```ts
 * import { CapacityLimiter } from "@offloop/runtime/promise"
 *
 * const limiter = await CapacityLimiter.make(2)
 * await Promise.all([1, 2, 3, 4].map((n) => limiter.use(async () => console.log(n))))
 * ```
 */
export const make = (totalTokens: number): Promise<CapacityLimiter> =>
  checked(() => totalProblem(totalTokens)).then(() => limiterOf(new Limiter(totalTokens)))

/** The limiter of a core. */
export const limiterOf = (core: Limiter): CapacityLimiter => {
  const acquire = (borrower: object, signal: AbortSignal | undefined): Promise<void> =>
    settled<void>(signal, (onExit) => {
      if (core.knows(borrower)) onExit({ ok: false, error: alreadyBorrowing() })
      else core.takeInLine(borrower, () => onExit({ ok: true, value: undefined }))
      return (onLeft) => {
        core.giveBack(borrower)
        onLeft()
      }
    })
  const use = async <A>(borrower: object, body: Body<A>, signal: AbortSignal | undefined): Promise<A> => {
    await acquire(borrower, signal)
    try {
      signal?.throwIfAborted()
      const value = await body()
      // Who has left does not get it, as with every other call.
      signal?.throwIfAborted()
      return value
    } finally {
      core.release(borrower)
    }
  }
  const limiter: CapacityLimiter = {
    totalTokens: async () => core.total,
    borrowedTokens: async () => core.borrowed,
    availableTokens: async () => core.total - core.borrowed,
    statistics: async () => statisticsOf(core),
    setTotalTokens: (total) =>
      checked(() => {
        const problem = totalProblem(total)
        if (problem === undefined) core.resize(total)
        return problem
      }),
    acquireOnBehalfOf: (borrower, options) => acquire(borrower, options?.signal),
    acquireOnBehalfOfNowait: (borrower) =>
      checked(() => {
        if (core.knows(borrower)) return alreadyBorrowing()
        return core.take(borrower) ? undefined : new WouldBlockError({ totalTokens: core.total })
      }),
    releaseOnBehalfOf: (borrower) => checked(() => (core.release(borrower) ? undefined : notBorrowing())),
    use: (body, options) => use({}, body, options?.signal),
    useOnBehalfOf: (borrower) => (body, options) => use(borrower, body, options?.signal),
    scoped: async (options) => {
      const borrower = {}
      await acquire(borrower, options?.signal)
      if (options?.signal?.aborted === true) {
        core.release(borrower)
        throw options.signal.reason
      }
      return closable(async () => {
        core.release(borrower)
      })
    },
  }
  setCore(limiter, core)
  return limiter
}

/** Rejects with what `find` finds, made to point at who awaits the promise. */
const checked = async (find: () => Error | undefined): Promise<void> => {
  const problem = find()
  if (problem !== undefined) throw calledFrom(problem, outsideOf(new Error()))
}
