/**
 * Bytes to values: the other half of `encoder.ts`. A decoder reads one memory, a ring's or a message's own, at any
 * offset that is a multiple of 8.
 */
import { Buffer } from "node:buffer"
import { errorClasses, type TypedArray, viewClasses } from "./built-in.ts"
import * as Tag from "./tags.ts"

// A byte order mark is text like any other here.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

/** From this many bytes on, constructing a copy is cheaper than slicing. */
const LONG_BYTES = 4096

export class Decoder {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #doubles: Float64Array
  #position = 0
  #objects: object[] = []
  #shapes: string[][] = []

  constructor(buffer: ArrayBufferLike) {
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
    this.#doubles = new Float64Array(buffer, 0, buffer.byteLength >> 3)
  }

  /** Decodes the value that starts at a byte offset. */
  decode(offset: number): unknown {
    this.#position = offset
    try {
      return this.#value()
    } finally {
      if (this.#objects.length > 0) this.#objects = []
      if (this.#shapes.length > 0) this.#shapes = []
    }
  }

  #uint32(): number {
    const value = this.#view.getUint32(this.#position, true)
    this.#position += 4
    return value
  }

  #value(): unknown {
    const tag = this.#bytes[this.#position++]
    switch (tag) {
      case Tag.UNDEFINED:
        return undefined
      case Tag.NULL:
        return null
      case Tag.FALSE:
        return false
      case Tag.TRUE:
        return true
      case Tag.INT32: {
        const value = this.#view.getInt32(this.#position, true)
        this.#position += 4
        return value
      }
      case Tag.DOUBLE:
        return this.#double()
      case Tag.BIGINT64: {
        const value = this.#view.getBigInt64(this.#position, true)
        this.#position += 8
        return value
      }
      case Tag.BIGINT: {
        const digits = this.#value() as string
        return digits.startsWith("-") ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`)
      }
      case Tag.ASCII:
        return this.#ascii()
      case Tag.UTF8:
        return this.#text(this.#uint32())
      case Tag.UTF16:
        return this.#units(this.#uint32())
      case Tag.BYTES: {
        const length = this.#uint32()
        if (length >= Tag.ALIGNED_BYTES) this.#position = (this.#position + 7) & ~7
        const from = this.#position
        this.#position += length
        return this.#note(this.#copy(from, length))
      }
      case Tag.DATE:
        return this.#note(new Date(this.#double()))
      case Tag.ARRAY:
        return this.#array()
      case Tag.CELLS:
        return this.#cells()
      case Tag.OBJECT: {
        const keys: string[] = new Array(this.#uint32())
        for (let index = 0; index < keys.length; index++) keys[index] = this.#value() as string
        this.#shapes.push(keys)
        return this.#plain(keys)
      }
      case Tag.SHAPED:
        return this.#plain(this.#shapes[this.#uint32()] as string[])
      case Tag.REFERENCE:
        return this.#objects[this.#uint32()]
      case Tag.SEQUENCE:
        return this.#sequence()
      case Tag.MAP:
        return this.#map()
      case Tag.SET: {
        const set = this.#note(new Set())
        for (let left = this.#uint32(); left > 0; left--) set.add(this.#value())
        return set
      }
      case Tag.REGEXP:
        return this.#regExp()
      case Tag.VIEW:
        return this.#typedArray()
      case Tag.SPARSE:
        return this.#sparse()
      case Tag.ERROR:
        return this.#error()
      case Tag.DOM_EXCEPTION: {
        const name = this.#value() as string
        const error = this.#note(new DOMException(this.#value() as string, name))
        define(error, "stack", this.#value())
        return error
      }
      default:
        throw new Error(`offloop transport: unknown tag ${tag} at byte ${this.#position - 1}`)
    }
  }

  #copy(from: number, length: number): Uint8Array<ArrayBuffer> {
    // `slice` of shared memory costs V8 more than twice as much, except where there is little to copy.
    return length < LONG_BYTES
      ? this.#bytes.slice(from, from + length)
      : new Uint8Array(new Uint8Array(this.#bytes.buffer, from, length))
  }

  #note<A extends object>(object: A): A {
    this.#objects.push(object)
    return object
  }

  #double(): number {
    const value = this.#view.getFloat64(this.#position, true)
    this.#position += 8
    return value
  }

  #ascii(): string {
    const length = this.#bytes[this.#position] as number
    const start = this.#position + 1
    this.#position = start + length
    if (length > 24) return utf8.decode(this.#bytes.subarray(start, start + length))
    let text = ""
    for (let at = start; at < start + length; at++) text += String.fromCharCode(this.#bytes[at] as number)
    return text
  }

  #text(length: number): string {
    const start = this.#position
    this.#position += length
    return utf8.decode(this.#bytes.subarray(start, start + length))
  }

  /** Text in UTF-16, from the next even offset on. A decoder of text would replace lone surrogates. */
  #units(length: number): string {
    const at = (this.#position + 1) & ~1
    this.#position = at + 2 * length
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at, 2 * length).toString("utf16le")
  }

  #array(): unknown[] {
    const length = this.#bytes[this.#position++] as number
    const array: unknown[] = new Array(length)
    this.#note(array)
    for (let index = 0; index < length; index++) array[index] = this.#value()
    return array
  }

  #sparse(): unknown[] {
    const array: unknown[] = this.#note([])
    array.length = this.#uint32()
    for (let left = this.#uint32(); left > 0; left--) {
      const place = this.#uint32()
      array[place] = this.#value()
    }
    return array
  }

  #map(): Map<unknown, unknown> {
    const map = this.#note(new Map<unknown, unknown>())
    for (let left = this.#uint32(); left > 0; left--) {
      const key = this.#value()
      map.set(key, this.#value())
    }
    return map
  }

  #regExp(): RegExp {
    const source = this.#value() as string
    return this.#note(new RegExp(source, this.#value() as string))
  }

  #typedArray(): TypedArray {
    const number = this.#bytes[this.#position++] as number
    const length = this.#uint32()
    if (length >= Tag.ALIGNED_BYTES) this.#position = (this.#position + 7) & ~7
    const from = this.#position
    this.#position += length
    const Class = viewClasses[number]
    if (Class === undefined) throw new Error(`offloop transport: unknown class ${number} of a typed array`)
    return this.#note(new Class(this.#copy(from, length).buffer))
  }

  #error(): Error {
    const name = this.#value() as string
    const message = this.#value() as string
    const error = this.#note(new (errorClasses[name] ?? Error)(message))
    const stack = this.#value()
    define(error, "stack", stack)
    if (this.#value() === true) define(error, "cause", this.#value())
    return error
  }

  #sequence(): unknown[] {
    const values: unknown[] = new Array(this.#uint32())
    for (let index = 0; index < values.length; index++) {
      values[index] = this.#value()
      if (this.#objects.length > 0) this.#objects = []
    }
    return values
  }

  #plain(keys: readonly string[]): object {
    const object: Record<string, unknown> = {}
    this.#note(object)
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string
      const value = this.#value()
      if (key === "__proto__") {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
      } else {
        object[key] = value
      }
    }
    return object
  }

  #cells(): unknown[] {
    const count = this.#uint32()
    const numbers = this.#uint32()
    const strings = this.#uint32()
    const textBytes = this.#uint32()
    const wellFormed = this.#uint32() === 1
    const bytes = this.#bytes
    const view = this.#view
    const doubles = this.#doubles
    const kinds = this.#position
    let number = (kinds + count + 7) >> 3
    let end = (number + numbers) << 3
    this.#position = end + 4 * strings
    const text = textBytes === 0 ? "" : wellFormed ? this.#text(textBytes) : this.#units(textBytes >> 1)
    const cells: unknown[] = new Array(count)
    this.#note(cells)
    let from = 0
    for (let index = 0; index < count; index++) {
      switch (bytes[kinds + index]) {
        case Tag.DOUBLE:
          cells[index] = doubles[number++]
          break
        case Tag.UTF8: {
          const to = view.getUint32(end, true)
          end += 4
          cells[index] = text.substring(from, to)
          from = to
          break
        }
        case Tag.NULL:
          cells[index] = null
          break
        case Tag.TRUE:
          cells[index] = true
          break
        case Tag.FALSE:
          cells[index] = false
          break
        case Tag.UNDEFINED:
          cells[index] = undefined
          break
        default:
          cells[index] = this.#value()
      }
    }
    return cells
  }
}

const define = (error: Error, key: string, value: unknown): void => {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true })
}
