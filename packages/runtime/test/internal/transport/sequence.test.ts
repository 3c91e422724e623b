import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Decoder } from "../../../src/internal/transport/decoder.ts"
import { Encoder } from "../../../src/internal/transport/encoder.ts"

const item = fc.oneof(
  fc.integer(),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.oneof(fc.double(), fc.string(), fc.constant(null)), { maxLength: 20 }),
  fc.record({ id: fc.integer(), name: fc.string(), when: fc.date() }, { noNullPrototype: true }),
  fc.dictionary(fc.string(), fc.bigInt(), { maxKeys: 5, noNullPrototype: true }),
  // Not for the codec, at the end of what it has begun to write.
  fc.constant({ id: 1, unseen: { deep: new Map() } }),
)

describe("sequences", () => {
  test("carry what is appended, and nothing of what is refused", () => {
    const encoder = new Encoder()
    fc.assert(
      fc.property(fc.array(item, { maxLength: 50 }), (items) => {
        encoder.begin()
        const taken = items.filter((value) => encoder.append(value) >= 0)
        expect(new Decoder(encoder.bytes.buffer).decode(0)).toStrictEqual(taken)
      }),
    )
  })

  test("carry each value as it was when it was appended, with an identity of its own", () => {
    const encoder = new Encoder()
    const value = { n: 0, self: {} }
    value.self = value
    encoder.begin()
    for (; value.n < 3; value.n++) encoder.append(value)
    const items = new Decoder(encoder.bytes.buffer).decode(0) as Array<typeof value>
    expect(items.map(({ n }) => n)).toEqual([0, 1, 2])
    for (const received of items) expect(received.self).toBe(received)
  })
})
