/** Formats log entries as Effect's default logger does, but for the fiber, which programs without Effect do not have. */
import { inspect } from "node:util"
import { rebuild } from "../transport/portrait.ts"
import type { CarriedCause } from "./cause.ts"
import type { Level } from "./level.ts"

/** A log entry. */
export interface LogEntry {
  readonly level: Level
  readonly message: ReadonlyArray<unknown>
  readonly cause?: CarriedCause | undefined
  readonly annotations?: Iterable<readonly [key: string, value: unknown]> | undefined
  readonly spans?: Iterable<readonly [label: string, startTime: number]> | undefined
  /** Milliseconds of the epoch. */
  readonly time: number
}

/** One line of `key=value` pairs. */
export const logLine = ({ level, message, cause, annotations, spans, time }: LogEntry): string => {
  const pairs = [`timestamp=${new Date(time).toISOString()}`, `level=${label(level)}`]
  for (const part of message) pairs.push(`message=${quoted(text(part))}`)
  if (cause !== undefined) {
    const errors = errorsOf(cause)
    if (errors.length > 0) pairs.push(`cause=${quoted(errors.join("\n"))}`)
  }
  for (const [name, start] of spans ?? []) pairs.push(`${keyOf(name)}=${time - start}ms`)
  for (const [key, value] of annotations ?? []) pairs.push(`${keyOf(key)}=${quoted(text(value))}`)
  return pairs.join(" ")
}

const label = (level: Level): string => (level === "Warning" ? "WARN" : level.toUpperCase())

const keyOf = (key: string): string => key.replace(/[\s="]/g, "_")

const quoted = (value: string): string => (/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value))

const text = (value: unknown): string => {
  if (typeof value === "string") return value
  if (value instanceof Error) return value.stack ?? String(value)
  return typeof value === "object" && value !== null
    ? inspect(value, { breakLength: Number.POSITIVE_INFINITY })
    : String(value)
}

const errorsOf = (cause: CarriedCause): ReadonlyArray<string> => {
  switch (cause.type) {
    case "empty":
      return []
    case "fail":
      return [text(rebuild(cause.error))]
    case "die":
      return [text(rebuild(cause.defect))]
    case "interrupt":
      return ["All fibers interrupted without errors."]
    case "sequential":
    case "parallel":
      return [...errorsOf(cause.left), ...errorsOf(cause.right)]
  }
}
