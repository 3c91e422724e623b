/** What is wrong with how a limiter is used. */
import { LimiterError } from "../../errors.ts"

/** The error where a number of tokens is none. */
export const totalProblem = (totalTokens: number): LimiterError | undefined =>
  totalTokens === Number.POSITIVE_INFINITY || (Number.isInteger(totalTokens) && totalTokens >= 0)
    ? undefined
    : new LimiterError({
        reason: "InvalidTotalTokens",
        detail: `A limiter has an integer number of tokens, 0 or more, or Infinity; not ${String(totalTokens)}.`,
      })

/** The error where a borrower asks for a second token. */
export const alreadyBorrowing = (): LimiterError =>
  new LimiterError({
    reason: "AlreadyBorrowing",
    detail: "This borrower holds one of the limiter's tokens already, or waits for one. Release it first.",
  })

/** The error where a borrower gives back what it does not have. */
export const notBorrowing = (): LimiterError =>
  new LimiterError({
    reason: "NotBorrowing",
    detail:
      "This borrower holds none of the limiter's tokens. Only who acquired one can release it: without a borrower's name " +
      "that is the fiber, and timeout, race, fork and concurrency run their effects in others.",
  })
