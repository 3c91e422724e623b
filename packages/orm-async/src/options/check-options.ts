import { nearest } from "../errors/nearest.ts"
import { shown } from "../errors/shown.ts"
import { ArgumentError } from "../errors/usage-errors.ts"

export { shown } from "../errors/shown.ts"

/** Tells if a value is an integer of 0 or more. */
export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

/**
 * Checks that an options object has only known names.
 *
 * @throws {ArgumentError} naming the unknown one and the known one that it resembles
 */
export const checkKeys = (options: unknown, known: ReadonlyArray<string>, place: string): void => {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ArgumentError({ message: `${place}: options must be an object; got ${shown(options)}` })
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    const hint = meant === undefined ? "known" : `did you mean "${meant}"? Known`
    throw new ArgumentError({ message: `${place}: unknown option "${name}"; ${hint} options: ${known.join(", ")}` })
  }
}
