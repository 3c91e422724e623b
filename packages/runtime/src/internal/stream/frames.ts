/** Brings a stream's items over a link. */
import { Encoder } from "../transport/encoder.ts"
import * as Protocol from "../transport/protocol.ts"
import type { Outgoing } from "../transport/wire.ts"
import type { Carrier } from "./production.ts"

/** `show` makes the loop see what was sent. */
export const frames = (outbox: Outgoing, id: number, show: () => void): Carrier => {
  // An encoder of its own: an asynchronous iterator's batch is open while other messages are sent.
  const encoder = new Encoder()
  let length = 0
  encoder.begin()
  return {
    add: (item) => {
      const longer = encoder.append(item)
      if (longer >= 0) length = longer
      return longer
    },
    ship: () => {
      outbox.sendEncoded(Protocol.ITEMS, id, 0, encoder.bytes, length)
      encoder.begin()
    },
    shipAlone: (item) => outbox.send(Protocol.ITEM, id, 0, item),
    show,
  }
}
