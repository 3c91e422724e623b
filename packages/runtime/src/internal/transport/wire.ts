/** The two ends of a connection as the code that serves an object sees them, whatever carries the messages. */
import type { Obstacle } from "./sendable.ts"

/** Messages that have arrived. */
export interface Incoming {
  /** The current message's kind. */
  readonly kind: number
  readonly id: number
  readonly extra: number
  /** Takes an OFFER. Says whether it was still there to take. */
  claim(): boolean
  /** The current message's value. To be read once, before `release`. Throws where it cannot be read. */
  value(): unknown
  /** Gives back the space of the messages passed. */
  release(): void
}

/** Messages to the other side. */
export interface Outgoing {
  /** Sends a value as it is now. Throws when it cannot cross; then nothing was sent. */
  send(kind: number, id: number, extra: number, value: unknown): void
  /** Sends what an encoder of the caller's has encoded. The bytes are copied. */
  sendEncoded(kind: number, id: number, extra: number, bytes: Uint8Array, length: number): void
  /** What in a value that `send` refused cannot cross. `path` is what to call the value itself. */
  obstacle(value: unknown, path: string): Obstacle
}
