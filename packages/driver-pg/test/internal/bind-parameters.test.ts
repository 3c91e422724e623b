import { describe, expect, it } from "vitest"
import { bindParameters, UnbindableValueError } from "../../src/internal/bind-parameters.ts"

const refusal = (value: unknown): UnbindableValueError => {
  try {
    bindParameters([null, value])
  } catch (error) {
    if (error instanceof UnbindableValueError) return error
    throw error
  }
  throw new Error("the value was bound")
}

describe("bindParameters", () => {
  it.each([
    ["a string", "x", { value: "x", type: 0 }],
    ["null", null, { value: null, type: 0 }],
    ["a number", 1.5, { value: 1.5, type: 0 }],
    ["minus zero", -0, { value: "-0", type: 0 }],
    ["infinity", Number.NEGATIVE_INFINITY, { value: Number.NEGATIVE_INFINITY, type: 0 }],
    ["not a number", Number.NaN, { value: Number.NaN, type: 0 }],
    ["true", true, { value: "t", type: 16 }],
    ["false", false, { value: "f", type: 16 }],
    ["bytes", new Uint8Array([0, 15, 255]), { value: "\\x000fff", type: 17 }],
    ["a moment", new Date(0), { value: "1970-01-01 00:00:00.000+00", type: 1184 }],
    ["an array", [1, [true, null], "a"], { value: '{"1",{"t",NULL},"a"}', type: 0 }],
  ])("makes %s ready to be written and tells the type where only JavaScript knows it", (_, value, expected) => {
    expect(bindParameters([value])).toEqual({ values: [expected.value], types: [expected.type] })
  })

  it("tells a bigint's type by its size", () => {
    expect(bindParameters([2n ** 63n - 1n, -(2n ** 63n)]).types).toEqual([20, 20])
    expect(bindParameters([2n ** 63n, -(2n ** 63n) - 1n])).toEqual({
      values: ["9223372036854775808", "-9223372036854775809"],
      types: [1700, 1700],
    })
  })

  it.each([
    ["undefined", undefined, "undefined"],
    ["an object", { a: 1 }, "Object"],
    ["a Map", new Map(), "Map"],
    ["an object without a prototype", Object.create(null), "object without a prototype"],
    ["a function", () => 1, "function"],
    ["a symbol", Symbol("s"), "symbol"],
    ["an array with an object in it", [1, { a: 1 }], "Object"],
    ["an array with undefined in it", [undefined], "undefined"],
  ])("refuses %s and names its position and type", (_, value, name) => {
    const error = refusal(value)
    expect(error.reason).toBe("type")
    expect(error.message).toContain(`Parameter 2 is of type ${name};`)
  })

  it.each([
    ["half of a surrogate pair", "\ud800", "surrogate"],
    ["an invalid Date", new Date(Number.NaN), "invalid Date"],
  ])("refuses %s, which would arrive as something else", (_, value, words) => {
    const error = refusal(value)
    expect(error.reason).toBe("range")
    expect(error.message).toContain(words)
  })
})
