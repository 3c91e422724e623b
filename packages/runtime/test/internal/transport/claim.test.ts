import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { layout } from "../../../src/internal/transport/memory.ts"
import { RingReader, RingWriter } from "../../../src/internal/transport/ring.ts"

const OPEN = 5
const GONE = 6
const MARK = 1 << 16

describe("frames that can be taken back", () => {
  test("in any order of writing, reading and taking back, each is either claimed or taken back, never both", () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant("write" as const), size: fc.integer({ min: 0, max: 90 }) }),
      fc.record({ do: fc.constant("read" as const), release: fc.boolean() }),
      fc.record({ do: fc.constant("take back" as const), which: fc.nat() }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), fc.constantFrom(0, 200, -64), (actions, start) => {
        const places = layout({ requests: 512, responses: 256 })
        const memory = new SharedArrayBuffer(places.bytes)
        const words = new Int32Array(memory)
        words[places.requests.head >> 2] = start
        words[places.requests.tail >> 2] = start
        const writer = new RingWriter(memory, places.requests)
        const reader = new RingReader(memory, places.requests)
        const state: Array<"open" | "claimed" | "taken back"> = []
        const passed = new Set<number>()
        for (const step of actions) {
          if (step.do === "write") {
            if (writer.write(OPEN, state.length, 0, step.size) >= 0) state.push("open")
            writer.publish()
          } else if (step.do === "read") {
            reader.refresh()
            if (!reader.next()) continue
            passed.add(reader.id)
            if (reader.kind === OPEN && reader.claim(MARK)) {
              expect(state[reader.id]).toBe("open")
              state[reader.id] = "claimed"
            } else {
              expect(state[reader.id]).toBe("taken back")
            }
            if (step.release) reader.release()
          } else if (state.length > 0) {
            const id = step.which % state.length
            const taken = writer.replaceKind(
              id,
              (kind) => kind === OPEN,
              () => GONE,
            )
            expect(taken).toBe(state[id] === "open")
            if (taken) state[id] = "taken back"
          }
        }
        for (const id of passed) expect(state[id]).not.toBe("open")
      }),
    )
  })

  test("one that is taken back between the reader's look and its claim is not claimed", () => {
    const places = layout({ requests: 512, responses: 256 })
    const memory = new SharedArrayBuffer(places.bytes)
    const writer = new RingWriter(memory, places.requests)
    const reader = new RingReader(memory, places.requests)
    writer.write(OPEN, 1, 0, 8)
    writer.publish()
    reader.refresh()
    expect(reader.next()).toBe(true)
    expect(reader.kind).toBe(OPEN)
    const takenBack = writer.replaceKind(
      1,
      (kind) => kind === OPEN,
      () => GONE,
    )
    expect(takenBack).toBe(true)
    expect(reader.claim(MARK)).toBe(false)
  })
})
