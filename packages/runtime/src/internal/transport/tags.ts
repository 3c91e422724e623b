/** The first byte of every encoded value. Plain constants, because they are compared in the hottest loops. */
export const UNDEFINED = 0
export const NULL = 1
export const FALSE = 2
export const TRUE = 3
/** A 32-bit integer. */
export const INT32 = 4
/** A 64-bit float. */
export const DOUBLE = 5
/** A 64-bit signed bigint. */
export const BIGINT64 = 6
/** A larger bigint: its hexadecimal digits as a string. */
export const BIGINT = 7
/** One byte of length, then ASCII. */
export const ASCII = 8
/** Four bytes of length in bytes, then UTF-8. */
export const UTF8 = 9
/** Four bytes of length in units, then UTF-16 from an even offset on: strings with lone surrogates. */
export const UTF16 = 10
/** Four bytes of length, then bytes. */
export const BYTES = 11
/** Milliseconds as a 64-bit float. */
export const DATE = 12
/** A short array: one byte of length, then values. */
export const ARRAY = 13
/** A long array in the batched form of `cells.ts`. */
export const CELLS = 14
/** An object with keys not seen before in this message: four bytes of count, keys as strings, values. */
export const OBJECT = 15
/** An object with the keys of an earlier one: four bytes of shape number, values. */
export const SHAPED = 16
/** An object that was met before in this message: four bytes of its number. Keeps identity and cycles. */
export const REFERENCE = 17
/** Values one after the other, each with an identity of its own: four bytes of count, values. Shapes are shared. */
export const SEQUENCE = 18

/** Four bytes of count, then keys and values in turn. */
export const MAP = 19
/** Four bytes of count, then values. */
export const SET = 20
/** Source and flags as strings. */
export const REGEXP = 21
/** One byte that says of which class, four bytes of length in bytes, then the bytes. */
export const VIEW = 22
/** Name, message and stack as strings (the stack may be undefined), whether there is a cause, the cause. */
export const ERROR = 23
/** An array with holes: its length and the count of its items, four bytes each, then each item with its place, four bytes. */
export const SPARSE = 24
/** Name, message and stack as strings; the stack may be undefined. */
export const DOM_EXCEPTION = 25

/**
 * Bytes of at least this many start at a multiple of 8: V8 copies to and from shared memory byte by byte, at a fifth of
 * the speed, where the two sides are aligned differently.
 */
export const ALIGNED_BYTES = 256
