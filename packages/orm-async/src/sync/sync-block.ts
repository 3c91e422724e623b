import { ArgumentError, InvalidRequestError } from "../errors/index.ts"
import { shown } from "../errors/shown.ts"
import { type Call, Immediate } from "../operation/call.ts"

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/** A callback of the program as the body of a block, which ends when the callback returns. */
export const blockBody = <Subject, A>(callback: (subject: Subject) => A, make: () => Subject): Call<A> =>
  new Immediate(() => {
    if (typeof callback !== "function") {
      throw new ArgumentError({
        message: `A block is a function of a connection or session, as in begin((conn) => { … }); got ${shown(callback)}`,
      })
    }
    const answer = callback(make())
    if (!isThenable(answer)) return answer
    throw new InvalidRequestError({
      message:
        "The block returned a promise, and a synchronous block ends when its callback returns: make the callback synchronous, or use @offloop/orm-async/promise",
    })
  })
