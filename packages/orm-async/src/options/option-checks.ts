import { ArgumentError } from "../errors/index.ts"

/** A value as an error message shows it: its kind, and itself where it is short and plain. */
export const shown = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object"
  return typeof value === "function" ? "a function" : String(value)
}

/** Whether a value is an integer of 0 or more. */
export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

/** How many single-character edits lead from one word to the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next[j] = Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1)
    }
    row = next
  }
  return row[to.length] as number
}

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
    const plain = name.replaceAll("_", "").toLowerCase()
    const near = known
      .map((one) => [one, distance(plain, one.toLowerCase())] as const)
      .sort(([, a], [, b]) => a - b)
      .find(([one, edits]) => edits <= Math.max(1, Math.floor(one.length / 4)))
    throw new ArgumentError({
      message: `${place}: unknown option "${name}"${near === undefined ? "" : `; did you mean "${near[0]}"?`} Known options: ${known.join(", ")}`,
    })
  }
}
