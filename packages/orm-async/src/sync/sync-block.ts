import { InvalidRequestError } from "../errors/index.ts"
import { type Call, Immediate } from "../operation/call.ts"

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/** A callback of the program as the body of a block, which ends when the callback returns. */
export const blockBody = <A>(callback: () => A): Call<A> =>
  new Immediate(() => {
    const answer = callback()
    if (!isThenable(answer)) return answer
    throw new InvalidRequestError({
      message:
        "The block returned a promise, and a synchronous block ends when its callback returns: make the callback synchronous, or use @offloop/orm-async/promise",
    })
  })
