/** Checks of a pool's options. */
import { InvalidPoolOptionsError } from "../../errors.ts"
import { toMillis } from "../duration.ts"

/** The error that says what is wrong with an option. */
export const invalid = (option: string, detail: string): InvalidPoolOptionsError =>
  new InvalidPoolOptionsError({ option, detail })

/** What `parse` returns, or the `InvalidPoolOptionsError` that it throws. */
export const invalidReturned = <A>(parse: () => A): A | InvalidPoolOptionsError => {
  try {
    return parse()
  } catch (thrown) {
    if (thrown instanceof InvalidPoolOptionsError) return thrown
    throw thrown
  }
}

/** The milliseconds of an option that is a duration. Throws the error that says why it is none. */
export const millis = (option: string, asked: unknown, otherwise: number): number => {
  if (asked === undefined) return otherwise
  const found = toMillis(asked)
  if (found !== undefined) return found
  throw invalid(option, `${option} is a duration, such as "30 seconds", not ${String(asked)}.`)
}
