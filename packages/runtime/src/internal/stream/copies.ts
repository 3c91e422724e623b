/**
 * Brings a stream's items to a reader on the same thread: as copies, because an iterator may change an item after it gave
 * it, and the reader gets a batch of them later.
 */
import { Decoder } from "../transport/decoder.ts"
import { Encoder } from "../transport/encoder.ts"
import { moved, movesIn } from "../transport/moves.ts"
import { withOwnBytes } from "../transport/own-bytes.ts"
import { platformObjectIn } from "../transport/platform-object.ts"
import type { Carrier } from "./production.ts"

/** `onBatch` is told each batch. */
export const copies = (onBatch: (items: ReadonlyArray<unknown>) => void): Carrier => {
  const encoder = new Encoder()
  encoder.begin()
  return {
    add: (item) => encoder.append(item),
    ship: () => {
      const items = new Decoder(encoder.bytes.buffer).decode(0) as ReadonlyArray<unknown>
      encoder.begin()
      onBatch(items)
    },
    shipAlone: (item) => {
      const moving = movesIn(item)
      const platform = platformObjectIn(item, "it", true)
      if (platform !== undefined) throw new TypeError(`${platform.path}: ${platform.kind} belongs to its thread`)
      const copy: unknown = structuredClone(withOwnBytes(item), { transfer: [...(moving ?? [])] as Transferable[] })
      if (moving !== undefined) moved(moving)
      onBatch([copy])
    },
    show: () => {},
  }
}
