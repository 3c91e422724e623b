/**
 * How a thrown value crosses a thread. Structured clone drops an error's class tag, code and own properties, each
 * engine in its own way, so errors are described as plain data and built again on arrival. All errors that hang together
 * are in one flat list: chains of any length and cycles are nothing special, and one error that is met twice stays one.
 */
import { isVast, parts } from "./parts.ts"
import { platformObjectIn } from "./platform-object.ts"

/** What an error has at some place. */
type Part =
  /** One of the portrait's errors. */
  { readonly error: number } | { readonly value: unknown } | { readonly list: ReadonlyArray<Part> }

/** The built-in classes that are more than a name. */
type Kind = "Error" | "AggregateError" | "DOMException" | "SuppressedError"

interface ErrorPortrait {
  readonly kind: Kind
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** The cause, the members of an AggregateError, and own enumerable properties, `code` and `_tag` among them. */
  readonly parts: ReadonlyArray<readonly [key: string, enumerable: boolean, part: Part]>
}

/** A thrown value as plain data. */
export interface Portrait {
  readonly thrown: Part
  readonly errors: ReadonlyArray<ErrorPortrait>
}

/** Lists up to this length are looked through for errors. */
const MAX_LIST = 100_000

/** What is nested deeper than this is told in text: some engines write what they cannot read. */
const MAX_DEPTH = 200

/** As many errors as can hang together; a cause that is an accessor could make new ones for ever. */
const MAX_ERRORS = 1000

/** Describes a thrown value. What cannot cross in it is replaced by its description in text. Never throws. */
export const portray = (thrown: unknown): Portrait => {
  const found: object[] = []
  const numbers = new Map<object, number>()
  const part = (value: unknown): Part => {
    if (isError(value)) return numbered(value)
    if (!isListOfErrors(value)) return { value: plain(value) }
    return { list: value.map((member) => (isError(member) ? numbered(member) : { value: plain(member) })) }
  }
  const numbered = (error: object): Part => {
    let number = numbers.get(error)
    if (number === undefined) {
      if (found.length === MAX_ERRORS) return { value: `${describe(error)} [and more, cut after ${MAX_ERRORS} errors]` }
      number = found.push(error) - 1
      numbers.set(error, number)
    }
    return { error: number }
  }
  const root = part(thrown)
  const errors: ErrorPortrait[] = []
  for (const error of found) errors.push(portrayError(error, part))
  return { thrown: root, errors }
}

/** A portrait whose values are told in text: for one that a message refused. */
export const inText = ({ thrown, errors }: Portrait): Portrait => ({
  thrown: partInText(thrown),
  errors: errors.map((error) => ({
    ...error,
    parts: error.parts.map(([key, enumerable, part]) => [key, enumerable, partInText(part)] as const),
  })),
})

const partInText = (part: Part): Part => {
  if ("error" in part) return part
  if ("list" in part) return { list: part.list.map(partInText) }
  return { value: typeof part.value === "object" && part.value !== null ? describe(part.value) : part.value }
}

const portrayError = (error: object, part: (value: unknown) => Part): ErrorPortrait => {
  const kind = kindOf(error)
  const parts: Array<readonly [string, boolean, Part]> = []
  for (const [key, enumerable] of placesOf(error, kind)) {
    const value = read(error, key)
    if (typeof value === "function" || (!enumerable && value === undefined)) continue
    parts.push([key, enumerable, part(value)])
  }
  return {
    kind,
    name: text(read(error, "name"), "Error"),
    message: text(read(error, "message"), ""),
    stack: text(read(error, "stack"), undefined),
    parts,
  }
}

/** Where an error has something, and whether it shows it. */
const placesOf = (error: object, kind: Kind): ReadonlyMap<string, boolean> => {
  const places = new Map<string, boolean>()
  try {
    for (const key of Object.keys(error)) places.set(key, true)
  } catch {
    // A proxy that does not say what it has: name and message may still be readable.
  }
  for (const key of ["name", "message", "stack"]) places.delete(key)
  // Of a DOMException the code belongs to its name. Else these may be accessors of the class.
  if (kind !== "DOMException")
    for (const key of ["code", "_tag"]) if (read(error, key) !== undefined) places.set(key, true)
  const hidden = kind === "AggregateError" ? ["errors"] : kind === "SuppressedError" ? ["error", "suppressed"] : []
  for (const key of ["cause", ...hidden]) if (!places.has(key)) places.set(key, false)
  return places
}

const isError = (value: unknown): value is object => {
  if (typeof value !== "object" || value === null) return false
  try {
    // The text is that of errors of other realms, which are no instances.
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"
  } catch {
    return false
  }
}

const isListOfErrors = (value: unknown): value is ReadonlyArray<unknown> => {
  try {
    return Array.isArray(value) && value.length <= MAX_LIST && value.some(isError)
  } catch {
    return false
  }
}

const kindOf = (error: object): Kind => {
  try {
    if (error instanceof AggregateError) return "AggregateError"
    if (error instanceof DOMException) return "DOMException"
    if (Suppressed !== undefined && error instanceof Suppressed) return "SuppressedError"
  } catch {
    // A proxy that does not say what it is.
  }
  return "Error"
}

// Not all runtimes have it.
const Suppressed = (
  globalThis as { SuppressedError?: new (error: unknown, suppressed: unknown, message: string) => Error }
).SuppressedError

/** A copy without accessors, so that sending it meets no surprise. */
const plain = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) {
    return typeof value === "function" || typeof value === "symbol" ? describe(value) : value
  }
  try {
    if (Array.isArray(value) && isVast(value)) return describe(value)
    // Its accessors are asked once.
    const copy: unknown = structuredClone(value)
    // Deno makes empty objects of what is its own.
    return isDeep(copy) || platformObjectIn(value, "it", true) !== undefined ? describe(value) : copy
  } catch {
    return describe(value)
  }
}

/** Whether a value that was cloned is nested deeper than `MAX_DEPTH`. */
const isDeep = (value: unknown): boolean => {
  const seen = new Set<object>()
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    const below: unknown[] = []
    for (const part of level) {
      if (typeof part !== "object" || part === null || seen.has(part)) continue
      seen.add(part)
      for (const [, inner] of parts(part)) below.push(inner)
    }
    level = below
  }
  return false
}

const read = (target: object, key: string): unknown => {
  try {
    return (target as Record<string, unknown>)[key]
  } catch (thrown) {
    return `[${key} threw ${describe(thrown)}]`
  }
}

const text = <D>(value: unknown, otherwise: D): string | D => (typeof value === "string" ? value : otherwise)

/** Arrays up to this length are told with their items. */
const MAX_WORDS = 100

/** Says in text what a thrown value is. Never throws. */
export const describe = (value: unknown): string => {
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`
    return Array.isArray(value) && value.length > MAX_WORDS ? `an array of ${value.length}` : String(value)
  } catch {
    try {
      return Object.prototype.toString.call(value)
    } catch {
      return "[a value that cannot be read]"
    }
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
export const rebuild = ({ thrown, errors }: Portrait): unknown => {
  const built = errors.map(create)
  const valueOf = (part: Part): unknown =>
    "error" in part ? built[part.error] : "list" in part ? part.list.map(valueOf) : part.value
  errors.forEach(({ parts }, number) => {
    for (const [key, enumerable, part] of parts) define(built[number] as Error, key, valueOf(part), enumerable)
  })
  return valueOf(thrown)
}

const create = ({ kind, name, message, stack }: ErrorPortrait): Error => {
  const error =
    kind === "AggregateError"
      ? new AggregateError([], message)
      : kind === "DOMException"
        ? new DOMException(message, name)
        : kind === "SuppressedError" && Suppressed !== undefined
          ? new Suppressed(undefined, undefined, message)
          : new (builtIn[name] ?? Error)(message)
  define(error, "stack", stack, false)
  if (error.name !== name) define(error, "name", name, false)
  return error
}

const define = (error: Error, key: string, value: unknown, enumerable: boolean): void => {
  Object.defineProperty(error, key, { value, writable: true, enumerable, configurable: true })
}
