/** Turns the engine's refusal of a value into an error that says which part of which argument it was. */
import { UnsendableError } from "../../errors.ts"
import { immovableIn, type Obstacle, obstacleIn } from "../transport/sendable.ts"

/** Finds the argument, and the path inside it, that cannot cross. */
export const refusal = (
  args: ReadonlyArray<unknown>,
  target: string,
  names?: ReadonlyArray<string>,
  cause?: unknown,
  // What cannot be cloned is surely the reason; what was to move may be.
  searches: ReadonlyArray<typeof obstacleIn> = [obstacleIn, immovableIn],
) => {
  for (const search of searches) {
    for (let index = 0; index < args.length; index++) {
      const found: Obstacle | undefined = search(args[index], names?.[index] ?? `args[${index}]`)
      if (found !== undefined) return new UnsendableError({ ...found, target, cause })
    }
  }
  return new UnsendableError({ path: names?.[0] ?? "args", kind: "value", target, cause })
}
