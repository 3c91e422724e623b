import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Decoder } from "../../../src/internal/transport/decoder.ts"
import { Encoder } from "../../../src/internal/transport/encoder.ts"

const encoder = new Encoder()

/** Through the codec, at an offset into shared memory as in a ring. Fails where the value would be cloned instead. */
const cross = <A>(value: A): A => {
  const length = encoder.encode(value)
  if (length < 0) throw new Error("not encoded")
  const memory = new SharedArrayBuffer(((length + 7) & ~7) + 64)
  new Uint8Array(memory).set(encoder.bytes.subarray(0, length), 64)
  return new Decoder(memory).decode(64) as A
}

/** What the codec carries by itself. */
const carried = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, Infinity, -Infinity),
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
    fc.string({ unit: "grapheme", maxLength: 80 }),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.date({ noInvalidDate: false }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.array(tie("value"), { maxLength: 5 }).map((values) => new Set(values)),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.float64Array({ maxLength: 40 }),
    fc.int16Array({ maxLength: 40 }),
    fc.bigUint64Array({ maxLength: 200 }),
    fc.constantFrom(/a+/giu, /\n/, /(?:)/),
    fc.string().map((message) => new RangeError(message)),
    fc.dictionary(fc.string({ unit: "binary" }), tie("value"), { maxKeys: 8, noNullPrototype: true }),
  ),
})).value

describe("codec", () => {
  test("carries bytes of every length, wherever they come to stand", () => {
    for (const length of [0, 1, 255, 256, 257, 4095, 4096, 4097, 100_003]) {
      const bytes = Uint8Array.from({ length }, (_, index) => index * 31)
      for (const before of ["", "a", "ab", "abc", "abcdefg"]) {
        const received = cross([before, bytes, "behind", bytes.subarray(1), before])
        expect(received).toEqual([before, bytes, "behind", bytes.subarray(1), before])
        expect((received[1] as Uint8Array).buffer).toBeInstanceOf(ArrayBuffer)
        expect((received[1] as Uint8Array).buffer.byteLength).toBe(length)
      }
    }
  })

  test("carries every database value unchanged", () => {
    const values = [
      null,
      undefined,
      true,
      false,
      0,
      -0,
      1,
      -1,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 31,
      1.5,
      5e-324,
      Number.MAX_VALUE,
      Number.NaN,
      Infinity,
      -Infinity,
      0n,
      -1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      2n ** 63n,
      -(2n ** 63n) - 1n,
      10n ** 50n,
      "",
      "a",
      "é",
      "日本",
      "😀",
      "\ud800",
      "a\udc00b",
      "\ufeffbom",
      "\0",
      "x".repeat(24),
      "x".repeat(25),
      "x".repeat(48),
      "x".repeat(49),
      "é".repeat(1000),
      "\ud83d".repeat(100),
      new Uint8Array(0),
      new Uint8Array([1, 2, 255]),
      new Date(0),
      new Date(-1),
      new Date(Number.NaN),
      [],
      {},
      { a: 1 },
      [[]],
      [{ a: [1, { b: 2 }] }],
    ]
    for (const value of values) expect(cross(value)).toStrictEqual(value)
    // All at once go the batched way.
    expect(cross(values)).toStrictEqual(values)
    expect(cross(values.map((value) => ({ value })))).toStrictEqual(values.map((value) => ({ value })))
  })

  test("any nesting of what it carries arrives equal", () => {
    fc.assert(
      fc.property(carried, (value) => {
        expect(cross(value)).toStrictEqual(value)
      }),
    )
  })

  test("rows as flat cells arrive equal, for every mix of kinds and lengths around the short form", () => {
    const cell = fc.oneof(
      fc.double(),
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.constantFrom(null, undefined, true, false),
      fc.bigInt(),
      fc.uint8Array({ maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 300 }), (cells) => {
        expect(cross(cells)).toStrictEqual(cells)
      }),
    )
  })

  test("halves of a surrogate pair in neighbouring cells stay apart", () => {
    const cells = ["\ud83d", "\ude00", "a", "b", "c", "d", "e"]
    expect(cross(cells)).toStrictEqual(cells)
  })

  test("an own property named __proto__ stays a property", () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as Record<string, unknown>
    const received = cross(value)
    expect(Object.keys(received)).toEqual(["__proto__", "a"])
    expect(Object.getPrototypeOf(received)).toBe(Object.prototype)
    expect((received as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test("identity within a message is kept, and cycles too", () => {
    const shared = { n: 1 }
    const many = Array.from({ length: 40 }, (_, index) => ({ index, shared }))
    const received = cross({ first: shared, second: [shared], many })
    expect(received.first).toBe(received.second[0])
    expect(received.many.every((item) => item.shared === received.first)).toBe(true)

    const cycle: { self?: unknown; list: unknown[] } = { list: [] }
    cycle.self = cycle
    cycle.list.push(cycle.list, cycle)
    const back = cross(cycle)
    expect(back.self).toBe(back)
    expect(back.list[0]).toBe(back.list)
    expect(back.list[1]).toBe(back)
  })

  test("nothing of one message is left for the next", () => {
    const object = { a: 1 }
    cross([object, object])
    expect(cross([{ b: 2 }, object])).toStrictEqual([{ b: 2 }, object])
  })

  test("a Buffer arrives as a Uint8Array with its own bytes alone", () => {
    const received = cross(Buffer.from("abc"))
    expect(received.constructor).toBe(Uint8Array)
    expect([...received]).toEqual([97, 98, 99])
    expect(received.buffer.byteLength).toBe(3)
  })

  test("received bytes are the receiver's own", () => {
    const received = cross(new Uint8Array([1, 2, 3]))
    expect(received.buffer).toBeInstanceOf(ArrayBuffer)
    received[0] = 9
    expect(cross(new Uint8Array([1, 2, 3]))[0]).toBe(1)
  })

  test("a prototype that is null becomes the ordinary one, as in structured clone", () => {
    const value = Object.assign(Object.create(null) as object, { a: 1 })
    expect(cross(value)).toStrictEqual({ a: 1 })
  })

  test("what it does not carry it leaves to structured clone", () => {
    const left = [
      Object.create(Map.prototype),
      Object.create(Set.prototype),
      new (class Point {
        x = 1
      })(),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(2)),
      new SharedArrayBuffer(2),
      new Uint8Array(new SharedArrayBuffer(2)),
      new Float64Array(new SharedArrayBuffer(8)),
      Object(1),
      Math,
      () => 1,
      Symbol("s"),
      new WeakMap(),
      Promise.resolve(),
    ]
    for (const value of left) {
      expect(encoder.encode(value), Object.prototype.toString.call(value)).toBe(-1)
      expect(encoder.encode({ deep: [value] })).toBe(-1)
      expect(encoder.encode([1, 2, 3, 4, 5, 6, 7, 8, value])).toBe(-1)
    }
  })

  test("arrays have the holes that they had, short and long, and what comes before a hole is one object", () => {
    const same = { a: 1 }
    // biome-ignore lint/suspicious/noSparseArray: a hole crosses as a hole
    for (const holes of [[, 1], [same, , same, { a: 2 }], new Array(3), [...Array(9).fill(same), , same]]) {
      const received = cross([holes, same, { a: 3 }] as const)
      expect(received).toStrictEqual([holes, same, { a: 3 }])
      expect(Object.keys(received[0])).toEqual(Object.keys(holes))
      for (const [key, item] of Object.entries(holes)) {
        if (item === same) expect(received[0][Number(key)]).toBe(received[1])
      }
    }
  })

  test("errors of the program's classes, and those with members, are errors as with structured clone", () => {
    for (const error of [new AggregateError([], "e"), new (class OwnError extends Error {})("e")]) {
      const received = cross(error)
      expect(received).toBeInstanceOf(Error)
      expect(received).toMatchObject({ name: "Error", message: "e", stack: error.stack })
    }
  })

  test("carries maps, sets, errors and typed arrays with what is shared in them, and cycles", () => {
    const shared = { n: 1 }
    const map = new Map<unknown, unknown>([[shared, new Set([shared, 2])]])
    map.set("self", map)
    const error = new TypeError("outer", { cause: { map } })
    const [gotMap, gotError] = cross([map, error] as const)
    const [key] = [...gotMap.keys()] as [object]
    expect(gotMap.get("self")).toBe(gotMap)
    expect((gotMap.get(key) as Set<unknown>).has(key)).toBe(true)
    expect(gotError).toBeInstanceOf(TypeError)
    expect((gotError.cause as { readonly map: unknown }).map).toBe(gotMap)
    expect([gotError.message, gotError.stack]).toEqual(["outer", error.stack])
    const large = Float64Array.from({ length: 10_000 }, (_, n) => n / 3)
    const [numbers, part] = cross([large, large.subarray(10, 12)] as const)
    expect(numbers).toEqual(large)
    expect([...part, part.buffer.byteLength]).toEqual([10 / 3, 11 / 3, 16])
  })

  test("carries lone surrogates, at even and odd places, alone and among others", () => {
    for (const text of ["\ud800", "a\udfff", "\ud83d\ude00\ud83d", `${"ü".repeat(5000)}\udc00x`]) {
      for (const before of ["", "a", "ab", "abc"]) {
        expect(cross([before, text, "behind"])).toEqual([before, text, "behind"])
        expect(cross(Array.from({ length: 9 }, () => before + text))).toEqual(
          Array.from({ length: 9 }, () => before + text),
        )
        expect(cross({ [text]: before })).toEqual({ [text]: before })
      }
    }
  })

  test("nesting too deep for the codec is left to structured clone, not to a stack overflow", () => {
    let deep: unknown = 1
    for (let depth = 0; depth < 10_000; depth++) deep = [deep]
    expect(encoder.encode(deep)).toBe(-1)
    expect(cross([1])).toEqual([1])
  })

  test("an accessor that throws leaves the encoder usable", () => {
    const value = {
      get bad(): never {
        throw new Error("no")
      },
    }
    expect(() => encoder.encode({ a: [1, value] })).toThrow("no")
    expect(cross({ a: [1] })).toEqual({ a: [1] })
  })

  test("an accessor that encodes something itself does not disturb the message around it", () => {
    const value = {
      get nested(): number {
        return encoder.encode([1, 2, 3])
      },
      after: "x",
    }
    expect(cross(value)).toStrictEqual({ nested: -1, after: "x" })
  })

  test("large messages grow the memory and a small one after them fits again", () => {
    const text = "aé".repeat(1_000_000)
    expect(cross([text, text.length])).toStrictEqual([text, text.length])
    expect(cross(1)).toBe(1)
    const cells = Array.from({ length: 100_000 }, (_, index) => (index % 2 === 0 ? index : `cell ${index}`))
    expect(cross(cells)).toStrictEqual(cells)
  })
})
