/** Says typed why a call gave no result. */
import { TaskError, UnsendableError } from "../../errors.ts"
import { type Portrait, rebuild } from "../transport/portrait.ts"
import * as Protocol from "../transport/protocol.ts"
import { unreadValue } from "../transport/unread-value.ts"
import type { LinkError } from "./link.ts"
import { notFound } from "./not-found.ts"

/** A call's answer has arrived and cannot be read. */
export const unreadAnswer = (target: string, cause: unknown, path = "result"): UnsendableError =>
  new UnsendableError({ path, kind: unreadValue, target, cause })

/** What a response other than RESULT means. What does not look like one is an answer that cannot be read. */
export const failure = (kind: number, target: string, value: unknown): LinkError => {
  try {
    return answered(kind, target, value)
  } catch (thrown) {
    return unreadAnswer(target, thrown)
  }
}

const answered = (kind: number, target: string, value: unknown): LinkError => {
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
