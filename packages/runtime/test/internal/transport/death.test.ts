/**
 * One side stops at any point. Every word that it writes to shared memory is a point: the memory as it was before that
 * word is what the other side is left with.
 */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Inbox } from "../../../src/internal/transport/inbox.ts"
import { layout } from "../../../src/internal/transport/memory.ts"
import { Outbox } from "../../../src/internal/transport/outbox.ts"
import * as Protocol from "../../../src/internal/transport/protocol.ts"
import { RingReader, RingWriter } from "../../../src/internal/transport/ring.ts"

const places = layout({ requests: 512, responses: 256 })

/** A writer's memory, and the images of it that a reader could be left with: after each atomic step and each store. */
const recorded = (start = 0) => {
  const memory = new SharedArrayBuffer(places.bytes)
  const words = new Int32Array(memory)
  words[places.requests.head >> 2] = start
  words[places.requests.tail >> 2] = start
  const posted: unknown[] = []
  const images: Array<{ readonly bytes: Uint8Array; readonly posted: ReadonlyArray<unknown> }> = []
  const take = (): void => {
    images.push({ bytes: new Uint8Array(memory).slice(), posted: [...posted] })
  }
  return { memory, posted, images, take }
}

/** What a reader finds in a memory that nobody writes to any more; takes whatever is complete. */
const readAll = (bytes: Uint8Array, posted: ReadonlyArray<unknown>): ReadonlyArray<readonly [number, unknown]> => {
  const memory = new SharedArrayBuffer(places.bytes)
  new Uint8Array(memory).set(bytes)
  const messages = [...posted]
  const receive: Protocol.Receive = () => (messages.length === 0 ? undefined : { message: messages.shift() })
  const inbox = new Inbox(new RingReader(memory, places.requests), receive, () => {})
  const got: Array<readonly [number, unknown]> = []
  while (inbox.refresh()) {
    while (inbox.next()) {
      got.push([inbox.id, inbox.value()])
      inbox.release()
    }
  }
  return got
}

const value = fc.oneof(
  fc.integer(),
  fc.string({ maxLength: 60 }),
  fc.string({ minLength: 300, maxLength: 700 }),
  fc.constant(new Map([["cloned", 1]])),
  fc.array(fc.string({ maxLength: 10 }), { maxLength: 12 }),
)

describe("a side that dies", () => {
  test("a writer: whatever byte was its last, its reader gets the messages before it, whole and in order, and no part of another", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        // Also where the frames go around the end of the ring, and where the cursor overflows.
        fc.constantFrom(0, 296, 448, -64, 0x7fffff80 | 0),
        (values, flushes, where, start) => {
          const { memory, posted, images, take } = recorded(start)
          const writer = new RingWriter(memory, places.requests)
          const port: Protocol.Port = {
            postMessage: (message) => {
              posted.push(structuredClone(message))
              take()
            },
          }
          const outbox = new Outbox(writer, port, take)
          values.forEach((message, id) => {
            take()
            outbox.send(Protocol.CALL, id, 0, message)
            take()
            if (flushes[id]) outbox.flush()
          })
          outbox.flush()
          take()
          for (let index = 0; index < images.length; index++) {
            const image = images[index] as (typeof images)[number]
            // The next image's bytes up to a point: what was written in between stopped in the middle. The cursor is
            // stored last, so as long as it is not there nobody looks at the rest.
            const next = images[index + 1]?.bytes ?? image.bytes
            const torn = image.bytes.slice()
            const data = places.requests.data
            const cut = data + Math.floor(where * places.requests.capacity)
            torn.set(next.subarray(data, cut), data)
            for (const bytes of [image.bytes, torn]) {
              const got = readAll(bytes, image.posted)
              expect(got).toEqual(values.slice(0, got.length).map((message, id) => [id, message]))
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test("a reader: whatever it had taken when it died, its writer refuses or queues, overwrites nothing unread and never blocks", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.nat(30), fc.boolean(), (values, readsBefore, midway) => {
        const { memory, posted } = recorded()
        const port: Protocol.Port = { postMessage: (message) => void posted.push(structuredClone(message)) }
        const outbox = new Outbox(new RingWriter(memory, places.requests), port, () => {})
        const receive: Protocol.Receive = () => (posted.length === 0 ? undefined : { message: posted.shift() })
        const inbox = new Inbox(new RingReader(memory, places.requests), receive, () => {})
        const got: unknown[] = []
        let alive = true
        values.forEach((message, id) => {
          outbox.send(Protocol.CALL, id, 0, message)
          outbox.flush()
          while (alive && (inbox.next() || (inbox.refresh() && inbox.next()))) {
            if (got.length === readsBefore) {
              // Between looking at a message and giving its space back.
              if (midway) inbox.value()
              alive = false
              return
            }
            got.push(inbox.value())
            inbox.release()
            outbox.flush()
          }
        })
        expect(got).toEqual(values.slice(0, got.length))
        for (let tries = 0; tries < 3; tries++) outbox.flush()
        const words = new Int32Array(memory)
        const head = words[places.requests.head >> 2] as number
        const tail = words[places.requests.tail >> 2] as number
        // What was shown and not given back is never more than there is room for: nothing unread was written over.
        expect((head - tail) | 0).toBeGreaterThanOrEqual(0)
        expect((head - tail) | 0).toBeLessThanOrEqual(places.requests.capacity)
        expect(outbox.awaitSpace()).toBe(!outbox.waiting)
      }),
      { numRuns: 150 },
    )
  })
})
