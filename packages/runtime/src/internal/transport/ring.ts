/**
 * A single-producer single-consumer ring of frames in shared memory.
 *
 * Cursors count bytes and only grow (modulo 2^32); the position is the cursor modulo the capacity. A frame is never
 * split: where the rest of the ring is too short for it, the rest becomes padding. So a frame can be at most half of
 * the ring, and what is larger does not travel here. Frames start at multiples of 8, so that numbers in them can be
 * read through a `Float64Array`.
 *
 * A frame is a header of four 32-bit words (size in bytes with the header, kind, id, extra) and its payload.
 */
import type { RingLayout } from "./memory.ts"

/** Bytes of a frame's header. */
export const HEADER = 16

/** The kind of the filler at the end of the ring. Never seen by a reader's caller. */
const PADDING = 0

/** The largest payload, in bytes, that a ring of the given capacity takes. */
export const maxPayload = (capacity: number): number => capacity / 2 - HEADER

/** The producer's end. */
export class RingWriter {
  readonly bytes: Uint8Array
  readonly capacity: number
  readonly #words: Int32Array
  readonly #layout: RingLayout
  readonly #mask: number
  #written: number
  #published: number
  #released: number

  constructor(buffer: SharedArrayBuffer, layout: RingLayout) {
    this.#layout = layout
    this.#words = new Int32Array(buffer)
    this.bytes = new Uint8Array(buffer)
    this.capacity = layout.capacity
    this.#mask = layout.capacity - 1
    this.#published = this.#written = Atomics.load(this.#words, layout.head >> 2)
    this.#released = Atomics.load(this.#words, layout.tail >> 2)
  }

  /**
   * Starts a frame with room for `size` bytes of payload. Returns the byte offset of the payload in `bytes`, to be
   * filled before `publish`, or -1 when there is no room now. `size` must not exceed `maxPayload`.
   */
  write(kind: number, id: number, extra: number, size: number): number {
    const frame = (HEADER + size + 7) & ~7
    const position = this.#written & this.#mask
    const rest = this.#layout.capacity - position
    const padding = frame > rest ? rest : 0
    if (!this.#fits(frame + padding)) return -1
    const words = this.#words
    if (padding > 0) {
      const at = (this.#layout.data + position) >> 2
      words[at] = padding
      words[at + 1] = PADDING
      this.#written = (this.#written + padding) | 0
    }
    const start = this.#layout.data + (this.#written & this.#mask)
    const at = start >> 2
    words[at] = frame
    words[at + 1] = kind
    words[at + 2] = id
    words[at + 3] = extra
    this.#written = (this.#written + frame) | 0
    return start + HEADER
  }

  #fits(bytes: number): boolean {
    if (this.#layout.capacity - ((this.#written - this.#released) | 0) >= bytes) return true
    this.#released = Atomics.load(this.#words, this.#layout.tail >> 2)
    return this.#layout.capacity - ((this.#written - this.#released) | 0) >= bytes
  }

  /** Makes all frames written so far visible to the reader. Says whether there was any. */
  publish(): boolean {
    if (this.#published === this.#written) return false
    this.#published = this.#written
    Atomics.store(this.#words, this.#layout.head >> 2, this.#written)
    return true
  }

  /**
   * Replaces the kind of a frame that the reader has not claimed, also when the reader has been shown it. Of this and
   * `claim` exactly one succeeds. Says whether this one did. Looks through all frames that were not given back.
   */
  replaceKind(id: number, from: (kind: number) => boolean, to: (kind: number) => number): boolean {
    const words = this.#words
    let cursor = Atomics.load(words, this.#layout.tail >> 2)
    while (cursor !== this.#written) {
      const at = (this.#layout.data + (cursor & this.#mask)) >> 2
      const kind = words[at + 1] as number
      if (kind !== PADDING && words[at + 2] === id && from(kind)) {
        return Atomics.compareExchange(words, at + 1, kind, to(kind)) === kind
      }
      cursor = (cursor + (words[at] as number)) | 0
    }
    return false
  }

  /** Asks the reader to ring when it frees space. Look for space once more after asking. */
  wantSpace(): void {
    Atomics.store(this.#words, this.#layout.wanted >> 2, 1)
  }
}

/** The consumer's end. After `next` the fields describe the frame until `release`. */
export class RingReader {
  readonly buffer: SharedArrayBuffer
  kind = 0
  id = 0
  extra = 0
  /** Byte offset of the payload in `buffer`. */
  payload = 0
  /** Bytes of the payload, rounded up to a multiple of 8. */
  size = 0
  readonly #words: Int32Array
  readonly #layout: RingLayout
  readonly #mask: number
  #read: number
  #published: number
  #kindAt = 0

  constructor(buffer: SharedArrayBuffer, layout: RingLayout) {
    this.buffer = buffer
    this.#layout = layout
    this.#words = new Int32Array(buffer)
    this.#mask = layout.capacity - 1
    this.#read = Atomics.load(this.#words, layout.tail >> 2)
    this.#published = this.#read
  }

  /** Looks for frames published since. Says whether there is one to read. */
  refresh(): boolean {
    this.#published = Atomics.load(this.#words, this.#layout.head >> 2)
    return this.#published !== this.#read
  }

  /** Goes to the next frame among those seen by the last `refresh`. Says whether there was one. */
  next(): boolean {
    const words = this.#words
    while (this.#read !== this.#published) {
      const start = this.#layout.data + (this.#read & this.#mask)
      const at = start >> 2
      const frame = words[at] as number
      this.#read = (this.#read + frame) | 0
      const kind = words[at + 1] as number
      if (kind === PADDING) continue
      this.kind = kind
      this.#kindAt = at + 1
      this.id = words[at + 2] as number
      this.extra = words[at + 3] as number
      this.payload = start + HEADER
      this.size = frame - HEADER
      return true
    }
    return false
  }

  /** Marks the current frame as taken. Says whether it was still what it is: the writer may have replaced its kind. */
  claim(mark: number): boolean {
    return Atomics.compareExchange(this.#words, this.#kindAt, this.kind, this.kind | mark) === this.kind
  }

  /** Gives back the space of all frames passed so far. Says whether the writer asked to be told. */
  release(): boolean {
    Atomics.store(this.#words, this.#layout.tail >> 2, this.#read)
    return (
      Atomics.load(this.#words, this.#layout.wanted >> 2) === 1 &&
      Atomics.exchange(this.#words, this.#layout.wanted >> 2, 0) === 1
    )
  }
}
