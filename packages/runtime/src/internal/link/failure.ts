/** Says typed why a call gave no result. */
import { TaskError, UnsendableError } from "../../errors.ts"
import { type Portrait, rebuild } from "../transport/portrait.ts"
import * as Protocol from "../transport/protocol.ts"
import type { LinkError } from "./link.ts"
import { notFound } from "./not-found.ts"

/** What a response other than RESULT means. */
export const failure = (kind: number, target: string, value: unknown): LinkError => {
  switch (kind) {
    case Protocol.FAILURE:
      return new TaskError({ target, cause: rebuild(value as Portrait) })
    case Protocol.UNSENDABLE: {
      const [path, what, cause] = value as [string, string, string]
      return new UnsendableError({ path, kind: what, target, cause })
    }
    case Protocol.NOT_FOUND:
      return notFound(value as Protocol.OpenProblem)
    default:
      throw new Error(`offloop transport: unknown response ${kind}`)
  }
}
