/** One message between two processes: the protocol's numbers, and the value as bytes. */
import { deserialize, serialize } from "node:v8"
import { Decoder } from "../transport/decoder.ts"
import { Encoder } from "../transport/encoder.ts"
import { moved, movesIn } from "../transport/moves.ts"
import { withOwnBytes } from "../transport/own-bytes.ts"
import { boundIn } from "../transport/platform-object.ts"
import * as Protocol from "../transport/protocol.ts"

/** What travels. The kind says how its bytes were made: `IN_FRAME` by the codec, `ON_PORT` by the engine. */
export type Frame = readonly [kind: number, id: number, extra: number, bytes: Uint8Array]

const encoder = new Encoder()

/** A pipe's message has a length of 32 bits, and each side has it in memory twice. */
const MAX_BYTES = 2 ** 30

/** Makes a message. The value is taken as it is now. Throws when it cannot cross. */
export const frame = (kind: number, id: number, extra: number, value: unknown): Frame => {
  const length = encoder.encode(value)
  if (length >= 0) return encoded(kind, id, extra, encoder.bytes, length)
  // The engine writes some of it as an empty object, and says nothing.
  const bound = boundIn(value, "it")
  if (bound !== undefined) throw new TypeError(`${bound.path}: ${bound.kind} is bound to its process`)
  const bytes = serialize(withOwnBytes(value))
  if (bytes.length > MAX_BYTES) {
    throw new RangeError(`a message to or from a process has ${MAX_BYTES} bytes at most, and this is ${bytes.length}`)
  }
  // Nothing moves between processes: what was to move has been copied.
  const moving = movesIn(value)
  if (moving !== undefined) moved(moving)
  return [kind | Protocol.ON_PORT, id, extra, bytes]
}

/** Makes a message of bytes that an encoder made. They are copied. */
export const encoded = (kind: number, id: number, extra: number, bytes: Uint8Array, length: number): Frame => [
  kind,
  id,
  extra,
  bytes.slice(0, length),
]

/** The value of a message. */
export const valueOf = ([kind, , , bytes]: Frame): unknown => {
  if ((kind & ~Protocol.KIND) === Protocol.ON_PORT) {
    // Node and Deno make views of the message's own memory.
    return withOwnBytes(deserialize(bytes))
  }
  // The decoder reads numbers in place, at offsets of 8.
  const aligned = bytes.byteOffset === 0 ? bytes : bytes.slice()
  return new Decoder(aligned.buffer).decode(0)
}
