import { ownFrames } from "./frames.ts"

/** The key under which consoles of Node, Bun and Deno find a value's own text. */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never

const mostFrames = 5
const longestLine = 1000

/** Cuts a text in its middle and says how much is missing. */
export const shortened = (text: string, longest: number): string => {
  if (text.length <= longest) return text
  const half = longest / 2
  return `${text.slice(0, half)} ... (${text.length - longest} characters truncated) ... ${text.slice(-half)}`
}

const causeText = (cause: unknown): string | undefined => {
  if (cause === undefined || cause === null) return undefined
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause
  return shortened(text.split("\n", 1)[0] as string, 300)
}

/**
 * An error as a console prints it: its message, where it was made, some fields, and one line of its cause instead of
 * all that the cause holds on to. Fields that are undefined are left out.
 */
export const printedError = (error: Error, fields: Readonly<Record<string, string | undefined>>): string => {
  const head = `${error.name}: ${error.message}`.split("\n").map((line) => shortened(line, longestLine))
  const details = Object.entries({ ...fields, cause: causeText(error.cause) }).flatMap(([name, text]) =>
    text === undefined ? [] : [`  ${name}: ${text}`],
  )
  return [...head, ...ownFrames(error.stack).slice(0, mostFrames), ...details].join("\n")
}
