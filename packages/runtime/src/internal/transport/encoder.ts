/**
 * Values to bytes. One encoder is reused for many messages; it owns a scratch memory that grows.
 *
 * It carries plain data, dates, maps, sets, regular expressions, errors and typed arrays by itself, and says of everything
 * else "clone it instead" by returning -1: class instances, memory, what is shared or moves, functions.
 * Identity within one message is kept (two references to one object arrive as two references to one object, cycles
 * too). As with structured clone, `Buffer` arrives as `Uint8Array`, `null` prototypes as ordinary ones, and of an error its
 * own properties do not cross. Unlike it, named properties of an array do not cross, and a typed array brings its own bytes
 * alone, not the rest of its buffer.
 */
import { Buffer } from "node:buffer"
import { errorClasses, errorPrototypes, isGone, sourceAndFlags, timeOf, viewFacts, viewNumbers } from "./built-in.ts"
import { moves } from "./moves.ts"
import { entriesOf, itemsOf, placesOf } from "./parts.ts"
import * as Tag from "./tags.ts"

const text = new TextEncoder()

/** Arrays up to this length are written value by value; longer ones in the batched form. */
const SHORT_ARRAY = 6

/** Nesting beyond this is left to structured clone, which has its own guard against deep recursion. */
const MAX_DEPTH = 400

/** Longer arrays are looked through for holes before there is room made for their cells. */
const MANY_CELLS = 100_000

/** How many recent shapes an object's keys are compared with. */
const SHAPE_WINDOW = 4

/** The scratch memory starts with this many bytes, and what it grew to is kept up to `KEPT`. */
const INITIAL = 4096
const KEPT = 4 * 1024 * 1024

/**
 * What may need more bytes is left to structured clone: the scratch memory would double up to it, and the message would be
 * copied once more on each side. Text counts with three bytes a unit.
 */
const MAX_BYTES = 2 ** 28

/** Thrown, and caught here, where a value needs more than that, or more memory than there is. */
const tooLarge = Symbol("too large")

/** Units of one text: all engines can make a string of so many. */
const MAX_TEXT = 2 ** 28

/** Objects are looked up by scanning up to this many, and in a Map beyond. */
const SCANNED_OBJECTS = 8

export class Encoder {
  bytes!: Uint8Array<ArrayBuffer>
  #view!: DataView
  #doubles!: Float64Array
  #busy = false
  #position = 0
  #depth = 0
  #objects: object[] = []
  #numbers: Map<object, number> | undefined
  #shapes: string[][] = []
  #ends = new Uint32Array(1024)

  constructor() {
    this.#allocate(new Uint8Array(INITIAL))
  }

  /** Encodes a value to the start of `bytes`. Returns the length, or -1 where it has to be cloned instead. */
  encode(value: unknown): number {
    // An accessor in a value being encoded may itself send something.
    if (this.#busy) return -1
    this.#busy = true
    if (this.bytes.length > KEPT) this.#allocate(new Uint8Array(INITIAL))
    this.#position = 0
    this.#depth = 0
    try {
      return this.#value(value) ? this.#position : -1
    } catch (thrown) {
      if (thrown === tooLarge) return -1
      throw thrown
    } finally {
      this.#busy = false
      if (this.#objects.length > 0) {
        this.#objects = []
        this.#numbers = undefined
        if (this.#shapes.length > 0) this.#shapes = []
      }
    }
  }

  /** Starts a sequence: values that are taken one after the other, each as it is when it is added. */
  begin(): void {
    if (this.bytes.length > KEPT) this.#allocate(new Uint8Array(INITIAL))
    this.#shapes = []
    this.#position = 0
    this.#uint32(Tag.SEQUENCE, 0)
  }

  /**
   * Adds a value to the sequence. Returns the length so far, or -1 where the value has to be cloned instead; then, and
   * when it throws, the sequence is as it was before.
   */
  append(value: unknown): number {
    if (this.#busy) return -1
    this.#busy = true
    this.#depth = 0
    const start = this.#position
    const shapes = this.#shapes.length
    let done = false
    try {
      done = this.#value(value)
    } catch (thrown) {
      if (thrown !== tooLarge) throw thrown
    } finally {
      this.#busy = false
      if (this.#objects.length > 0) {
        this.#objects = []
        this.#numbers = undefined
      }
      if (!done) {
        this.#position = start
        this.#shapes.length = shapes
      }
    }
    if (!done) return -1
    this.#view.setUint32(1, this.#view.getUint32(1, true) + 1, true)
    return this.#position
  }

  #allocate(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer)
    this.#doubles = new Float64Array(bytes.buffer)
  }

  #reserve(more: number): void {
    const needed = this.#position + more
    if (needed <= this.bytes.length) return
    if (needed > MAX_BYTES) throw tooLarge
    let size = this.bytes.length
    while (size < needed) size *= 2
    const grown = memoryOf(size)
    grown.set(this.bytes.subarray(0, this.#position))
    this.#allocate(grown)
  }

  #value(value: unknown): boolean {
    switch (typeof value) {
      case "string":
        this.#string(value)
        return true
      case "number":
        this.#number(value)
        return true
      case "boolean":
        this.#tag(value ? Tag.TRUE : Tag.FALSE)
        return true
      case "undefined":
        this.#tag(Tag.UNDEFINED)
        return true
      case "bigint":
        this.#bigint(value)
        return true
      case "object":
        if (value === null) {
          this.#tag(Tag.NULL)
          return true
        }
        return this.#object(value)
      default:
        return false
    }
  }

  #tag(tag: number): void {
    this.#reserve(1)
    this.bytes[this.#position++] = tag
  }

  #uint32(tag: number, value: number): void {
    this.#reserve(5)
    this.bytes[this.#position] = tag
    this.#view.setUint32(this.#position + 1, value, true)
    this.#position += 5
  }

  #number(value: number): void {
    this.#reserve(9)
    const at = this.#position
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      this.bytes[at] = Tag.INT32
      this.#view.setInt32(at + 1, value, true)
      this.#position = at + 5
    } else {
      this.bytes[at] = Tag.DOUBLE
      this.#view.setFloat64(at + 1, value, true)
      this.#position = at + 9
    }
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#reserve(9)
      this.bytes[this.#position] = Tag.BIGINT64
      this.#view.setBigInt64(this.#position + 1, value, true)
      this.#position += 9
    } else {
      this.#tag(Tag.BIGINT)
      this.#string(value.toString(16))
    }
  }

  #string(value: string): void {
    const length = value.length
    this.#reserve(6 + 3 * length)
    const bytes = this.bytes
    const at = this.#position
    if (length <= 48) {
      let to = at + 2
      let index = 0
      for (; index < length; index++) {
        const unit = value.charCodeAt(index)
        if (unit > 127) break
        bytes[to++] = unit
      }
      if (index === length) {
        bytes[at] = Tag.ASCII
        bytes[at + 1] = length
        this.#position = to
        return
      }
    }
    if (value.isWellFormed()) {
      const { written } = text.encodeInto(value, bytes.subarray(at + 5))
      bytes[at] = Tag.UTF8
      this.#view.setUint32(at + 1, written, true)
      this.#position = at + 5 + written
    } else {
      bytes[at] = Tag.UTF16
      this.#view.setUint32(at + 1, length, true)
      this.#units(value, (at + 6) & ~1)
    }
  }

  /** Writes text as UTF-16, from an even offset on. */
  #units(value: string, at: number): void {
    writeUnits(value, this.bytes, at)
    this.#position = at + 2 * value.length
  }

  #object(value: object): boolean {
    const known = this.#known(value)
    if (known >= 0) {
      this.#uint32(Tag.REFERENCE, known)
      return true
    }
    if (this.#depth === MAX_DEPTH) return false
    this.#depth++
    const done = this.#fresh(value)
    this.#depth--
    return done
  }

  /** The number under which an object was written before in this message, or -1 after noting it as a new one. */
  #known(value: object): number {
    const objects = this.#objects
    if (this.#numbers !== undefined) {
      const number = this.#numbers.get(value)
      if (number !== undefined) return number
      this.#numbers.set(value, objects.length)
    } else {
      const number = objects.indexOf(value)
      if (number >= 0) return number
      if (objects.length === SCANNED_OBJECTS) {
        this.#numbers = new Map(objects.map((object, index) => [object, index]))
        this.#numbers.set(value, objects.length)
      }
    }
    objects.push(value)
    return -1
  }

  #fresh(value: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Array.prototype) {
      return Array.isArray(value) && (value.length <= SHORT_ARRAY ? this.#array(value) : this.#cells(value))
    }
    if (prototype === Object.prototype || prototype === null) return this.#plain(value as Record<string, unknown>)
    if (prototype === Date.prototype) {
      const time = timeOf(value)
      if (time === undefined) return false
      this.#reserve(9)
      this.bytes[this.#position] = Tag.DATE
      this.#view.setFloat64(this.#position + 1, time, true)
      this.#position += 9
      return true
    }
    if (ArrayBuffer.isView(value)) return this.#bytes(value)
    if (prototype === Map.prototype) return this.#map(value)
    if (prototype === Set.prototype) return this.#set(value)
    if (prototype === RegExp.prototype) return this.#regExp(value)
    if (prototype === DOMException.prototype) return this.#domException(value as DOMException)
    if (errorPrototypes.has(prototype) || value instanceof Error) return this.#error(value)
    return false
  }

  #bytes(view: ArrayBufferView): boolean {
    const facts = viewFacts(view)
    if (facts === undefined) return false
    const { name, buffer, byteOffset, byteLength: length } = facts
    if (!(buffer instanceof ArrayBuffer)) return false
    // What is to move is not copied, and of what has moved away there is nothing to copy.
    if (moves(buffer) || (length === 0 && isGone(view, buffer))) return false
    if (name === "Uint8Array") this.#uint32(Tag.BYTES, length)
    else {
      const number = viewNumbers.get(name)
      if (number === undefined) return false
      this.#tag(Tag.VIEW)
      this.#uint32(number, length)
    }
    this.#reserve(length + 7)
    if (length >= Tag.ALIGNED_BYTES) this.#position = (this.#position + 7) & ~7
    this.bytes.set(
      name === "Uint8Array" ? (view as Uint8Array) : new Uint8Array(buffer, byteOffset, length),
      this.#position,
    )
    this.#position += length
    return true
  }

  #map(value: object): boolean {
    const entries = entriesOf(value)
    if (entries === undefined) return false
    this.#uint32(Tag.MAP, entries.length)
    for (const [key, item] of entries) if (!this.#value(key) || !this.#value(item)) return false
    return true
  }

  #set(value: object): boolean {
    const items = itemsOf(value)
    if (items === undefined) return false
    this.#uint32(Tag.SET, items.length)
    for (const item of items) if (!this.#value(item)) return false
    return true
  }

  #regExp(value: object): boolean {
    const pattern = sourceAndFlags(value)
    if (pattern === undefined) return false
    this.#tag(Tag.REGEXP)
    this.#string(pattern[0])
    this.#string(pattern[1])
    return true
  }

  #error(value: object): boolean {
    if (Object.prototype.toString.call(value) !== "[object Error]") return false
    const { name, stack } = value as Error
    const message = Object.getOwnPropertyDescriptor(value, "message")
    const cause = Object.getOwnPropertyDescriptor(value, "cause")
    this.#tag(Tag.ERROR)
    this.#string(typeof name === "string" && Object.hasOwn(errorClasses, name) ? name : "Error")
    // A symbol is refused, as engines do.
    this.#string(message === undefined || message.value === undefined ? "" : `${message.value as string}`)
    this.#value(typeof stack === "string" ? stack : undefined)
    const has = cause !== undefined && "value" in cause
    // Bun would send the error without it.
    if (has && (typeof cause.value === "function" || typeof cause.value === "symbol"))
      throw new TypeError("a bad cause")
    this.#tag(has ? Tag.TRUE : Tag.FALSE)
    return !has || this.#value(cause.value)
  }

  #domException(value: DOMException): boolean {
    const { name, message, stack } = value
    this.#tag(Tag.DOM_EXCEPTION)
    this.#string(name)
    this.#string(message)
    return this.#value(typeof stack === "string" ? stack : undefined)
  }

  #array(value: readonly unknown[]): boolean {
    this.#reserve(2)
    const start = this.#position
    const objects = this.#objects.length
    const shapes = this.#shapes.length
    // An accessor in it may make it longer.
    const { length } = value
    this.bytes[this.#position++] = Tag.ARRAY
    this.bytes[this.#position++] = length
    for (let index = 0; index < length; index++) {
      const item = value[index]
      if (item === undefined && !(index in value)) {
        this.#forget(start, objects, shapes)
        return this.#sparse(value)
      }
      if (!this.#value(item)) return false
    }
    return true
  }

  /** Takes back what was written from a position on, and what was noted meanwhile. */
  #forget(position: number, objects: number, shapes: number): void {
    this.#position = position
    for (const object of this.#objects.slice(objects)) this.#numbers?.delete(object)
    this.#objects.length = objects
    this.#shapes.length = shapes
    if (objects <= SCANNED_OBJECTS) this.#numbers = undefined
  }

  #sparse(value: readonly unknown[]): boolean {
    const places = [...placesOf(value)]
    this.#uint32(Tag.SPARSE, value.length)
    this.#reserve(4)
    this.#view.setUint32(this.#position, places.length, true)
    this.#position += 4
    for (const place of places) {
      this.#reserve(4)
      this.#view.setUint32(this.#position, place, true)
      this.#position += 4
      if (!this.#value(value[place])) return false
    }
    return true
  }

  #plain(value: Record<string, unknown>): boolean {
    // Arguments objects, module namespaces and the like pass for plain objects but are not.
    if (Symbol.toStringTag in value || Symbol.iterator in value) return false
    const keys = Object.keys(value)
    const shape = this.#shape(keys)
    if (shape >= 0) {
      this.#uint32(Tag.SHAPED, shape)
    } else {
      this.#uint32(Tag.OBJECT, keys.length)
      for (let index = 0; index < keys.length; index++) this.#string(keys[index] as string)
    }
    for (let index = 0; index < keys.length; index++) {
      if (!this.#value(value[keys[index] as string])) return false
    }
    return true
  }

  /** The number of an earlier shape with the same keys, or -1 after noting these as a new one. */
  #shape(keys: string[]): number {
    const shapes = this.#shapes
    const oldest = Math.max(0, shapes.length - SHAPE_WINDOW)
    for (let number = shapes.length - 1; number >= oldest; number--) {
      if (sameKeys(shapes[number] as string[], keys)) return number
    }
    shapes.push(keys)
    return -1
  }

  /**
   * The batched form of a long array: one byte of kind for each cell, all numbers together, the ends of all strings,
   * all text as one string, and last what is none of these, value by value.
   */
  #cells(cells: readonly unknown[]): boolean {
    const count = cells.length
    const start = this.#position
    if (count > MANY_CELLS && hasHoles(cells)) return this.#sparse(cells)
    this.#uint32(Tag.CELLS, count)
    this.#reserve(16 + count * 13)
    const bytes = this.bytes
    const doubles = this.#doubles
    const header = this.#position
    const kinds = header + 16
    const firstNumber = (kinds + count + 7) >> 3
    let number = firstNumber
    if (this.#ends.length < count) this.#ends = new Uint32Array(count)
    const ends = this.#ends
    let strings = 0
    let all = ""
    let others = 0
    for (let index = 0; index < count; index++) {
      const cell = cells[index]
      switch (typeof cell) {
        case "number":
          bytes[kinds + index] = Tag.DOUBLE
          doubles[number++] = cell
          break
        case "string":
          bytes[kinds + index] = Tag.UTF8
          if (all.length + cell.length > MAX_TEXT) throw tooLarge
          all += cell
          ends[strings++] = all.length
          break
        case "boolean":
          bytes[kinds + index] = cell ? Tag.TRUE : Tag.FALSE
          break
        case "undefined":
          if (!(index in cells)) {
            this.#position = start
            return this.#sparse(cells)
          }
          bytes[kinds + index] = Tag.UNDEFINED
          break
        default:
          if (cell === null) {
            bytes[kinds + index] = Tag.NULL
          } else {
            bytes[kinds + index] = Tag.OBJECT
            others++
          }
      }
    }
    this.#position = number << 3
    for (let index = 0; index < strings; index++) {
      this.#view.setUint32(this.#position, ends[index] as number, true)
      this.#position += 4
    }
    const textUnits = all.length
    this.#reserve(3 * textUnits)
    const wellFormed = all.isWellFormed()
    const textStart = this.#position
    if (textUnits > 0) {
      if (wellFormed) this.#position += text.encodeInto(all, this.bytes.subarray(textStart)).written
      else this.#units(all, textStart)
    }
    this.#view.setUint32(header, number - firstNumber, true)
    this.#view.setUint32(header + 4, strings, true)
    this.#view.setUint32(header + 8, this.#position - textStart, true)
    this.#view.setUint32(header + 12, wellFormed ? 1 : 0, true)
    if (others === 0) return true
    for (let index = 0; index < count; index++) {
      // By its kind, which is written: an accessor gives another value each time, or changes the cells behind it.
      if (this.bytes[kinds + index] === Tag.OBJECT && !this.#value(cells[index])) return false
    }
    return true
  }
}

const hasHoles = (array: readonly unknown[]): boolean => {
  for (let index = 0; index < array.length; index++) if (array[index] === undefined && !(index in array)) return true
  return false
}

/** Writes text as UTF-16. Deno's buffers take five times as long for that as a loop does. */
const writeUnits = (text: string, bytes: Uint8Array<ArrayBuffer>, at: number): void => {
  if (!("Deno" in globalThis)) {
    Buffer.from(bytes.buffer, at, 2 * text.length).write(text, "utf16le")
    return
  }
  const units = new Uint16Array(bytes.buffer, at, text.length)
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index)
}

const memoryOf = (size: number): Uint8Array<ArrayBuffer> => {
  try {
    return new Uint8Array(size)
  } catch {
    throw tooLarge
  }
}

const sameKeys = (left: readonly string[], right: readonly string[]): boolean => {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false
  return true
}
