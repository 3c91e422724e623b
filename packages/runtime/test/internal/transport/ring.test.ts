import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { layout } from "../../../src/internal/transport/memory.ts"
import { HEADER, maxPayload, RingReader, RingWriter } from "../../../src/internal/transport/ring.ts"

const open = (capacity: number, start = 0) => {
  const places = layout({ requests: capacity, responses: 256 })
  const memory = new SharedArrayBuffer(places.bytes)
  const words = new Int32Array(memory)
  words[places.requests.head >> 2] = start
  words[places.requests.tail >> 2] = start
  return {
    writer: new RingWriter(memory, places.requests),
    reader: new RingReader(memory, places.requests),
    bytes: new Uint8Array(memory),
  }
}

const put = (ring: ReturnType<typeof open>, kind: number, id: number, size: number): boolean => {
  const offset = ring.writer.write(kind, id, size, size)
  if (offset < 0) return false
  expect(offset % 8).toBe(0)
  for (let index = 0; index < size; index++) ring.bytes[offset + index] = (id + index) & 0xff
  return true
}

const check = (ring: ReturnType<typeof open>, kind: number, id: number, size: number): void => {
  const { reader } = ring
  expect([reader.kind, reader.id, reader.extra]).toEqual([kind, id, size])
  for (let index = 0; index < size; index++) {
    if (ring.bytes[reader.payload + index] !== ((id + index) & 0xff)) throw new Error(`byte ${index} of frame ${id}`)
  }
}

describe("ring", () => {
  test("a frame is seen only after it was published", () => {
    const ring = open(256)
    put(ring, 1, 7, 10)
    expect(ring.reader.refresh()).toBe(false)
    expect(ring.writer.publish()).toBe(true)
    expect(ring.writer.publish()).toBe(false)
    expect(ring.reader.refresh()).toBe(true)
    expect(ring.reader.next()).toBe(true)
    check(ring, 1, 7, 10)
    expect(ring.reader.next()).toBe(false)
  })

  test("a frame of the largest size always fits an empty ring, wherever its cursor is", () => {
    for (let shift = 0; shift < 256; shift += 8) {
      const ring = open(256, shift)
      expect(put(ring, 1, 1, maxPayload(256))).toBe(true)
      ring.writer.publish()
      ring.reader.refresh()
      expect(ring.reader.next()).toBe(true)
      check(ring, 1, 1, maxPayload(256))
    }
  })

  test("a full ring refuses, and takes again after the reader has released", () => {
    const ring = open(256)
    let written = 0
    while (put(ring, 1, written, 8)) written++
    expect(written).toBe(Math.floor(256 / (HEADER + 8)))
    ring.writer.publish()
    ring.reader.refresh()
    expect(ring.reader.next()).toBe(true)
    expect(put(ring, 1, written, 8)).toBe(false)
    ring.reader.release()
    while (ring.reader.next()) ring.reader.release()
    expect(put(ring, 1, written, 8)).toBe(true)
  })

  test("the reader learns once that the writer wants space", () => {
    const ring = open(256)
    put(ring, 1, 1, 8)
    ring.writer.publish()
    ring.reader.refresh()
    ring.reader.next()
    expect(ring.reader.release()).toBe(false)
    ring.writer.wantSpace()
    expect(ring.reader.release()).toBe(true)
    expect(ring.reader.release()).toBe(false)
  })

  test("a capacity that is not a power of two, or too small, is refused", () => {
    expect(() => layout({ requests: 300, responses: 256 })).toThrow(RangeError)
    expect(() => layout({ requests: 128, responses: 256 })).toThrow(RangeError)
  })

  test("every frame arrives whole and in order, for all sizes and interleavings, also where the cursor overflows", () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant("write" as const), size: fc.integer({ min: 0, max: maxPayload(512) }) }),
      fc.record({ op: fc.constantFrom("publish" as const, "read" as const, "release" as const) }),
    )
    const starts = fc.constantFrom(0, 8 * 31, -256, 0x7fffff00 | 0, -8)
    fc.assert(
      fc.property(starts, fc.array(step, { maxLength: 200 }), (start, steps) => {
        const ring = open(512, start)
        const sent: number[] = []
        let visible = 0
        let read = 0
        for (const current of steps) {
          if (current.op === "write") {
            if (put(ring, 3, sent.length, current.size)) sent.push(current.size)
          } else if (current.op === "publish") {
            ring.writer.publish()
            visible = sent.length
          } else if (current.op === "read") {
            ring.reader.refresh()
            if (ring.reader.next()) {
              expect(read).toBeLessThan(visible)
              check(ring, 3, read, sent[read] as number)
              read++
            } else expect(read).toBe(visible)
          } else ring.reader.release()
        }
        ring.writer.publish()
        ring.reader.refresh()
        while (ring.reader.next()) {
          check(ring, 3, read, sent[read] as number)
          read++
        }
        expect(read).toBe(sent.length)
      }),
    )
  })
})
