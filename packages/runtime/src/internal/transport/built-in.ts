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

/** The number of a typed array's class, by its prototype. */
export const viewNumbers: ReadonlyMap<unknown, number> = new Map(
  viewClasses.map((Class, number) => [Class.prototype as unknown, number]),
)

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
