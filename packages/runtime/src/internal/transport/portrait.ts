/**
 * How a thrown value crosses a thread. Structured clone drops an error's class tag, code and own properties, each
 * engine in its own way, so an error is described as plain data and built again on arrival.
 */

import { clones } from "./sendable.ts"

/** An error as plain data. */
export interface ErrorPortrait {
  readonly error: true
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Own enumerable properties, `code` and `_tag` among them. */
  readonly properties: Readonly<Record<string, unknown>>
  readonly cause: Portrait | undefined
  /** The members of an AggregateError. */
  readonly errors: ReadonlyArray<Portrait> | undefined
}

/** A thrown value that is not an error. */
export interface ValuePortrait {
  readonly error: false
  readonly value: unknown
}

export type Portrait = ErrorPortrait | ValuePortrait

/** Chains of causes longer than this are cut; a cycle of causes would have no end. */
const MAX_CHAIN = 16

/** Describes a thrown value. What cannot cross in it is replaced by its description in text. Never throws. */
export const portray = (thrown: unknown, depth = 0): Portrait => {
  if (!(thrown instanceof Error)) {
    return { error: false, value: clones(thrown) ? thrown : describe(thrown) }
  }
  const properties: Record<string, unknown> = {}
  for (const key of propertyNames(thrown)) {
    const value = read(thrown, key)
    if (typeof value === "function") continue
    properties[key] = value instanceof Error || !clones(value) ? describe(value) : value
  }
  const cause = read(thrown, "cause")
  const members = read(thrown, "errors")
  const deeper = depth < MAX_CHAIN
  return {
    error: true,
    name: text(read(thrown, "name"), "Error"),
    message: text(read(thrown, "message"), ""),
    stack: text(read(thrown, "stack"), undefined),
    properties,
    cause: deeper && cause !== undefined ? portray(cause, depth + 1) : undefined,
    errors:
      deeper && thrown instanceof AggregateError && Array.isArray(members)
        ? members.map((member) => portray(member, depth + 1))
        : undefined,
  }
}

// `code` and `_tag` may be accessors of the class; the others count only as the error's own.
const propertyNames = (error: Error): ReadonlySet<string> => {
  const names = new Set(Object.keys(error))
  for (const name of ["code", "_tag"]) if (name in error) names.add(name)
  for (const name of ["name", "message", "stack", "cause", "errors"]) names.delete(name)
  return names
}

const read = (target: object, key: string): unknown => {
  try {
    return (target as Record<string, unknown>)[key]
  } catch (thrown) {
    return `[${key} threw ${describe(thrown)}]`
  }
}

const text = <D>(value: unknown, otherwise: D): string | D => (typeof value === "string" ? value : otherwise)

const describe = (value: unknown): string => {
  try {
    return value instanceof Error ? `${value.name}: ${value.message}` : String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

const builtIn: Readonly<Record<string, new (message: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** Builds the thrown value again. */
export const rebuild = (portrait: Portrait): unknown => {
  if (!portrait.error) return portrait.value
  const error =
    portrait.errors === undefined
      ? new (builtIn[portrait.name] ?? Error)(portrait.message)
      : new AggregateError(portrait.errors.map(rebuild), portrait.message)
  define(error, "stack", portrait.stack)
  if (error.name !== portrait.name) define(error, "name", portrait.name)
  if (portrait.cause !== undefined) define(error, "cause", rebuild(portrait.cause))
  for (const [key, value] of Object.entries(portrait.properties)) {
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true })
  }
  return error
}

const define = (error: Error, key: string, value: unknown): void => {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true })
}
