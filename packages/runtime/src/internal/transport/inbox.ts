/** The receiving side: takes messages in order, whichever way their payload travelled. */
import { Decoder } from "./decoder.ts"
import * as Protocol from "./protocol.ts"
import type { RingReader } from "./ring.ts"
import { LostMessageError } from "./unread-value.ts"
import type { Incoming } from "./wire.ts"

/** Memory for putting pieces together is kept up to this size, in bytes. */
const KEPT = 4 * 1024 * 1024

export class Inbox implements Incoming {
  readonly #ring: RingReader
  readonly #bytes: Uint8Array
  readonly #decoder: Decoder
  readonly #receive: Protocol.Receive
  readonly #onSpace: () => void
  #whole = new Uint8Array(0)
  #wholeDecoder = new Decoder(this.#whole.buffer)
  #collected = 0
  /** Why there is no memory for the pieces that come: the message that they belong to cannot be read. */
  #noMemory: unknown

  /**
   * `receive` takes a message off the port; `onSpace` is called when the sender waits for the space just given back.
   */
  constructor(ring: RingReader, receive: Protocol.Receive, onSpace: () => void) {
    this.#ring = ring
    this.#bytes = new Uint8Array(ring.buffer)
    this.#decoder = new Decoder(ring.buffer)
    this.#receive = receive
    this.#onSpace = onSpace
  }

  /** The current message's kind. */
  get kind(): number {
    return this.#ring.kind & Protocol.KIND
  }
  get id(): number {
    return this.#ring.id
  }
  get extra(): number {
    return this.#ring.extra
  }

  /** Looks for new messages. Says whether there is something. */
  refresh(): boolean {
    return this.#ring.refresh()
  }

  /** Goes to the next message among what the last `refresh` saw. Says whether there was a complete one. */
  next(): boolean {
    while (this.#ring.next()) {
      if (this.#ring.kind !== Protocol.PIECE) return true
      this.#collect()
      this.release()
    }
    return false
  }

  /** Takes an OFFER. Says whether it was still there to take. */
  claim(): boolean {
    return this.#ring.claim(Protocol.CLAIMED)
  }

  /** The current message's value. To be read once, before `release`. */
  value(): unknown {
    const carriage = this.#ring.kind & ~Protocol.KIND
    if (carriage === Protocol.IN_FRAME) return this.#decoder.decode(this.#ring.payload)
    if (carriage === Protocol.IN_PIECES) return this.#assembled()
    const received = this.#receive()
    // The sender posts before it publishes the frame, so the message is there, unless the sender is dead.
    if (received === undefined) throw new LostMessageError("offloop transport: a message did not arrive with its frame")
    return Protocol.unwrap(received.message)
  }

  /** Gives back the space of the messages passed. */
  release(): void {
    if (this.#ring.release()) this.#onSpace()
  }

  #collect(): void {
    const { payload, extra: total, size } = this.#ring
    if (this.#noMemory !== undefined) return
    if (this.#collected === 0 && this.#whole.length < total) {
      try {
        this.#keep(new Uint8Array(total))
      } catch (thrown) {
        this.#noMemory = thrown
        return
      }
    }
    const rest = Math.min(size, total - this.#collected)
    this.#whole.set(this.#bytes.subarray(payload, payload + rest), this.#collected)
    this.#collected += rest
  }

  #assembled(): unknown {
    const refused = this.#noMemory
    this.#noMemory = undefined
    this.#collected = 0
    if (refused !== undefined) throw refused
    try {
      return this.#wholeDecoder.decode(0)
    } finally {
      if (this.#whole.length > KEPT) this.#keep(new Uint8Array(0))
    }
  }

  #keep(memory: Uint8Array<ArrayBuffer>): void {
    this.#whole = memory
    this.#wholeDecoder = new Decoder(memory.buffer)
  }
}
