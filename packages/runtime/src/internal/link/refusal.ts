/** Turns the engine's refusal of a value into an error that says which part of which argument it was. */
import { UnsendableError } from "../../errors.ts"
import { clones, findObstacle } from "../transport/sendable.ts"

/** Finds the argument, and the path inside it, that cannot cross. */
export const refusal = (
  args: ReadonlyArray<unknown>,
  target: string,
  names?: ReadonlyArray<string>,
  cause?: unknown,
) => {
  for (let index = 0; index < args.length; index++) {
    const path = names?.[index] ?? `args[${index}]`
    const kind = typeof args[index]
    if (kind !== "object" && kind !== "function" && kind !== "symbol") continue
    if (kind === "object" && clones(args[index])) continue
    return new UnsendableError({ ...findObstacle(args[index], path), target, cause })
  }
  return new UnsendableError({ path: "args", kind: "value", target, cause })
}
