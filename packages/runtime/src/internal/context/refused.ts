/** Says which crossing ref it is because of that a call cannot be made. */
import { UnsendableError } from "../../errors.ts"
import { obstacleIn } from "../transport/sendable.ts"
import type { Caller } from "./sent.ts"

/** `undefined` where it is not because of one. */
export const refusedContext = (
  caller: Caller | undefined,
  target: string,
  cause: unknown,
  search = obstacleIn,
): UnsendableError | undefined => {
  if (caller?.refused !== undefined) {
    const { key, thrown } = caller.refused
    return new UnsendableError({ path: pathOf(key), kind: "what its encode refused", target, cause: thrown })
  }
  for (const [key, value] of caller?.sent?.refs ?? []) {
    const found = search(value, pathOf(key))
    if (found !== undefined) return new UnsendableError({ ...found, target, cause })
  }
  return undefined
}

const pathOf = (key: string): string => `CrossingRef(${JSON.stringify(key)})`
