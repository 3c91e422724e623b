/**
 * Values that are told and not computed with: parts of log messages, annotations, attributes. They cross as well as they
 * can, and never keep a task from its result: errors as portraits, what describes itself as JSON as that, and what cannot
 * cross as text.
 */
import { inspect } from "node:util"
import { boundIn } from "../transport/platform-object.ts"
import { describe, inText, type Portrait, portray, rebuild } from "../transport/portrait.ts"
import { clones } from "../transport/sendable.ts"

/** A value on its way. */
export type Carried = readonly [how: 0, value: unknown] | readonly [how: 1, portrait: Portrait]

/** Named values on their way. */
export type CarriedEntries = ReadonlyArray<readonly [key: string, value: Carried]>

/** Prepares a value. What it gives may still be refused; then it is `rendered`. */
export const carry = (value: unknown): Carried => {
  if (typeof value !== "object" || value === null) return [0, value]
  try {
    return value instanceof Error ? [1, portray(value)] : [0, described(value)]
  } catch {
    return [0, value]
  }
}

// Effect's data types, and what hides a secret, say themselves how they are to be shown.
const described = (value: object): unknown => {
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === "function" ? toJSON.call(value) : value
}

/** Replaces what cannot cross by its description in text. */
export const rendered = (carried: Carried): Carried =>
  carried[0] === 1 || (clones(carried[1]) && boundIn(carried[1], "") === undefined)
    ? carried
    : [0, inspected(carried[1])]

const inspected = (value: unknown): string => {
  try {
    return inspect(value)
  } catch {
    return describe(value)
  }
}

/** The value as it arrives. */
export const arrived = (carried: Carried): unknown => (carried[0] === 1 ? rebuild(carried[1]) : carried[1])

/** The same as text alone, for what even that was refused. */
export const inWords = (carried: Carried): Carried =>
  carried[0] === 1
    ? [1, inText(carried[1])]
    : [
        0,
        typeof carried[1] === "object" && carried[1] !== null ? inspected(carried[1]) : describedPrimitive(carried[1]),
      ]

const describedPrimitive = (value: unknown): unknown =>
  typeof value === "function" || typeof value === "symbol" ? describe(value) : value

/** Prepares named values. */
export const carryEntries = (entries: Iterable<readonly [string, unknown]>): CarriedEntries => {
  const carried: Array<readonly [string, Carried]> = []
  for (const [key, value] of entries) carried.push([key, carry(value)])
  return carried
}

/** Replaces those among named values that cannot cross. */
export const renderedEntries = (entries: CarriedEntries, render = rendered): CarriedEntries =>
  entries.map(([key, value]) => [key, render(value)])
