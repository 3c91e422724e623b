/** Built-in classes whose instances the codec carries, the same on both sides. */

/** Any typed array. */
export type TypedArray = ArrayBufferView & { readonly length: number }

type TypedArrayClass = new (buffer: ArrayBuffer) => TypedArray

// Not all runtimes have it.
const { Float16Array: Float16 } = globalThis as { readonly Float16Array?: TypedArrayClass }

/** The classes of typed arrays; their places are their numbers in messages. Bytes have a form of their own. */
export const viewClasses: ReadonlyArray<TypedArrayClass> = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ...(Float16 === undefined ? [] : [Float16]),
]

/** The number of a typed array's class, by its name. */
export const viewNumbers: ReadonlyMap<string, number> = new Map(
  viewClasses.map((Class, number) => [Class.name, number]),
)

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object

const getter = (of: object, key: string | symbol): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(of, key)?.get as (this: unknown) => unknown

const nameOf = getter(typedArray, Symbol.toStringTag)
const bufferOf = getter(typedArray, "buffer")
const offsetOf = getter(typedArray, "byteOffset")
const lengthOf = getter(typedArray, "byteLength")
const sourceOf = getter(RegExp.prototype, "source")
const flagsOf = getter(RegExp.prototype, "flags")

/** What the engine knows of a typed array. */
export interface ViewFacts {
  readonly name: string
  readonly buffer: ArrayBufferLike
  readonly byteOffset: number
  readonly byteLength: number
}

/** What the engine knows of a typed array, whatever its own properties and its class say, or `undefined` for a DataView. */
export const viewFacts = (view: ArrayBufferView): ViewFacts | undefined => {
  const name = nameOf.call(view) as string | undefined
  if (name === undefined) return undefined
  return {
    name,
    buffer: bufferOf.call(view) as ArrayBufferLike,
    byteOffset: offsetOf.call(view) as number,
    byteLength: lengthOf.call(view) as number,
  }
}

/** Whether the memory of a view without bytes has moved away, or has become too small for it. */
export const isGone = (view: ArrayBufferView, buffer: ArrayBuffer): boolean => {
  if (buffer.detached) return true
  if (!buffer.resizable) return false
  try {
    // Both refuse a view that is out of its memory's bounds.
    if (view instanceof DataView) void view.byteLength
    else Uint8Array.prototype.at.call(view as Uint8Array, 0)
    return false
  } catch {
    return true
  }
}

/** The time of a date, or `undefined` for what is none. */
export const timeOf = (value: object): number | undefined => {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return undefined
  }
}

/** Source and flags of a regular expression, or `undefined` for what is none. */
export const sourceAndFlags = (value: object): readonly [source: string, flags: string] | undefined => {
  try {
    return [sourceOf.call(value) as string, flagsOf.call(value) as string]
  } catch {
    return undefined
  }
}

/** The classes of errors that structured clone keeps. */
export const errorClasses: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** Their prototypes. */
export const errorPrototypes: ReadonlySet<unknown> = new Set(
  Object.values(errorClasses).map(({ prototype }) => prototype),
)
