/**
 * The sending side: encodes a message and puts it into the ring; cuts what is too large for a frame into pieces; queues
 * what finds no space; and sends what the codec leaves alone, and what moves, as a clone over the port, with a frame
 * that keeps its place in the order.
 */
import { Encoder } from "./encoder.ts"
import { moved, movesIn } from "./moves.ts"
import { withOwnBytes } from "./own-bytes.ts"
import { platformObjectIn } from "./platform-object.ts"
import * as Protocol from "./protocol.ts"
import { maxPayload, type RingWriter } from "./ring.ts"
import { crosses, findObstacle, type Obstacle } from "./sendable.ts"
import type { Outgoing } from "./wire.ts"

interface Message {
  kind: number
  readonly id: number
  readonly extra: number
  readonly bytes: Uint8Array | undefined
  readonly length: number
  /** How much of it has gone ahead in pieces. */
  sent: number
}

export class Outbox implements Outgoing {
  readonly #ring: RingWriter
  readonly #port: Protocol.Port
  readonly #encoder = new Encoder()
  readonly #largest: number
  readonly #piece: number
  readonly #onNews: () => void
  readonly #queue: Message[] = []

  /** `port` takes what has to be cloned; `onNews` is called when there is something new for the other side to see. */
  constructor(ring: RingWriter, port: Protocol.Port, onNews: () => void) {
    this.#ring = ring
    this.#port = port
    this.#onNews = onNews
    this.#largest = maxPayload(ring.capacity)
    // Half of a frame's largest: the reader can take one piece while the writer fills the next.
    this.#piece = this.#largest >> 1
  }

  /** Whether something waits for space in the ring. */
  get waiting(): boolean {
    return this.#queue.length > 0
  }

  /**
   * Sends a value. The value is taken as it is now; the other side sees the message after `flush`. Throws when the
   * value cannot cross, what the engine throws; then nothing was sent.
   */
  send(kind: number, id: number, extra: number, value: unknown): void {
    const length = this.#encoder.encode(value)
    if (length < 0) {
      const moving = movesIn(value)
      // Looked at first: on Deno what is to move has moved when the engine refuses another part.
      if (moving !== undefined && !crosses(value)) throw new TypeError("not everything in the value can cross")
      const platform = platformObjectIn(value, "it", true)
      if (platform !== undefined) throw new TypeError(`${platform.path}: ${platform.kind} belongs to its thread`)
      this.#port.postMessage(Protocol.wrap(withOwnBytes(value)), moving)
      if (moving !== undefined) moved(moving)
      this.#put(kind | Protocol.ON_PORT, id, extra, undefined, 0)
    } else {
      this.#put(length > this.#largest ? kind | Protocol.IN_PIECES : kind, id, extra, this.#encoder.bytes, length)
    }
  }

  /** Sends what an encoder of the caller's has encoded. The bytes are copied. */
  sendEncoded(kind: number, id: number, extra: number, bytes: Uint8Array, length: number): void {
    this.#put(length > this.#largest ? kind | Protocol.IN_PIECES : kind, id, extra, bytes, length)
  }

  obstacle(value: unknown, path: string): Obstacle {
    return findObstacle(value, path)
  }

  /**
   * Shows the other side everything sent so far, as far as there is space for it, and wakes it if that is news. Says
   * whether it was everything.
   */
  flush(): boolean {
    let done = 0
    for (const message of this.#queue) {
      if (!this.#advance(message)) break
      done++
    }
    if (done > 0) this.#queue.splice(0, done)
    if (this.#ring.publish()) this.#onNews()
    return this.#queue.length === 0
  }

  /** Asks to be rung when there is space, if something waits. Says whether everything found its place after all. */
  awaitSpace(): boolean {
    if (this.#queue.length === 0) return true
    this.#ring.wantSpace()
    return this.flush()
  }

  /** Withdraws a message that still waits for space. Says whether it did. */
  withdraw(kind: number, id: number): boolean {
    const index = this.#queue.findIndex((message) => (message.kind & Protocol.KIND) === kind && message.id === id)
    const message = this.#queue[index]
    if (message === undefined) return false
    // What is on its way already, in pieces or on the port, has to be taken in its turn.
    if (message.bytes === undefined || message.sent > 0) message.kind += Protocol.DISCARD - kind
    else this.#queue.splice(index, 1)
    return true
  }

  /** Takes an OFFER back that the other side has not claimed. Says whether it was still there to take back. */
  retract(id: number): boolean {
    return this.withdraw(Protocol.OFFER, id) || this.#ring.replaceKind(id, isOpenOffer, toDiscard)
  }

  #put(kind: number, id: number, extra: number, bytes: Uint8Array | undefined, length: number): void {
    if (this.#queue.length === 0) {
      if ((kind & Protocol.IN_PIECES) === 0) {
        if (this.#write(kind, id, extra, bytes, 0, length)) return
      } else {
        const message = { kind, id, extra, bytes, length, sent: 0 }
        if (this.#advance(message)) return
        // The encoder's memory is needed for the next message.
        this.#queue.push({ ...message, bytes: bytes?.slice(0, length) })
        return
      }
    }
    this.#queue.push({ kind, id, extra, bytes: bytes?.slice(0, length), length, sent: 0 })
  }

  /** Writes as much of a message as there is space for. Says whether it is complete. */
  #advance(message: Message): boolean {
    const { kind, id, extra, bytes, length } = message
    if ((kind & Protocol.IN_PIECES) === 0) return this.#write(kind, id, extra, bytes, 0, length)
    while (message.sent < length) {
      const size = Math.min(this.#piece, length - message.sent)
      if (!this.#write(Protocol.PIECE, id, length, bytes, message.sent, size)) return false
      message.sent += size
    }
    return this.#write(kind, id, extra, undefined, 0, 0)
  }

  #write(kind: number, id: number, extra: number, bytes: Uint8Array | undefined, from: number, size: number): boolean {
    const offset = this.#ring.write(kind, id, extra, size)
    if (offset < 0) return false
    if (bytes === undefined) return true
    const target = this.#ring.bytes
    // A call into the engine costs more than copying a short message byte by byte.
    if (size <= 32) for (let index = 0; index < size; index++) target[offset + index] = bytes[from + index] as number
    else target.set(bytes.subarray(from, from + size), offset)
    return true
  }
}

const isOpenOffer = (kind: number): boolean =>
  (kind & Protocol.KIND) === Protocol.OFFER && (kind & Protocol.CLAIMED) === 0

const toDiscard = (kind: number): number => kind - Protocol.OFFER + Protocol.DISCARD
