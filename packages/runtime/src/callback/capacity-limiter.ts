/** `CapacityLimiter` for libraries: what waits for a token is told by a callback, and misuse is returned. */
import { type LimiterError, WouldBlockError } from "../errors.ts"
import { setCore } from "../internal/limiter/core.ts"
import { Limiter } from "../internal/limiter/limiter.ts"
import { alreadyBorrowing, notBorrowing, totalProblem } from "../internal/limiter/misuse.ts"
import { type Statistics, statisticsOf } from "../internal/limiter/statistics.ts"

/** A limiter. Made by `makeLimiter`. */
export interface CapacityLimiter {
  /** All there is to know at this moment. */
  readonly statistics: Statistics
  /**
   * Changes the number of tokens.
   *
   * @param totalTokens an integer of 0 or more, or `Infinity`
   * @returns what is wrong with the number, or `undefined`
   */
  setTotalTokens(totalTokens: number): LimiterError | undefined
  /**
   * Takes a token for a borrower, in line where none is free. `release` gives it back, or leaves the line.
   *
   * @param borrower any value that stands for whoever uses the token, told apart as a `Set` tells its members apart
   * @param onGranted is told once that the borrower has it, before this returns where one is free
   * @returns what keeps the borrower from it, or `undefined`
   */
  acquire(borrower: unknown, onGranted: () => void): LimiterError | undefined
  /** Takes a token for a borrower if one is free and nobody waits. Returns why it does not, or `undefined`. */
  acquireNowait(borrower: unknown): LimiterError | WouldBlockError | undefined
  /** Gives a borrower's token back, or its place in line. Returns an error where it has neither, or `undefined`. */
  release(borrower: unknown): LimiterError | undefined
}

/**
 * Makes a limiter, or returns what is wrong with the number of its tokens. Does no I/O.
 *
 * ```ts
 * import { makeLimiter } from "@offloop/runtime/callback"
 *
 * const limiter = makeLimiter(2)
 * if (limiter instanceof Error) throw limiter
 * const borrower = {}
 * limiter.acquire(borrower, () => {
 *   console.log(limiter.statistics.borrowedTokens)
 *   limiter.release(borrower)
 * })
 * ```
 *
 * @param totalTokens an integer of 0 or more, or `Infinity`. With 0 everyone waits until the number is raised
 */
export const makeLimiter = (totalTokens: number): CapacityLimiter | LimiterError =>
  totalProblem(totalTokens) ?? limiterOf(new Limiter(totalTokens))

/** The limiter of a core. */
export const limiterOf = (core: Limiter): CapacityLimiter => {
  const limiter: CapacityLimiter = {
    get statistics() {
      return statisticsOf(core)
    },
    setTotalTokens: (total) => {
      const problem = totalProblem(total)
      if (problem === undefined) core.resize(total)
      return problem
    },
    acquire: (borrower, onGranted) => {
      if (core.knows(borrower)) return alreadyBorrowing()
      core.takeInLine(borrower, onGranted)
      return undefined
    },
    acquireNowait: (borrower) => {
      if (core.knows(borrower)) return alreadyBorrowing()
      return core.take(borrower) ? undefined : new WouldBlockError({ totalTokens: core.total })
    },
    release: (borrower) => (core.giveBack(borrower) ? undefined : notBorrowing()),
  }
  setCore(limiter, core)
  return limiter
}
