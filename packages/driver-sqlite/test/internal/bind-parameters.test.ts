import fc from "fast-check"
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
  it("binds whole numbers as integers and others as they are", () => {
    expect(bindParameters([5, -5, 0, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])).toEqual([
      5n,
      -5n,
      0n,
      1.5,
      2 ** 53,
      Number.POSITIVE_INFINITY,
    ])
  })

  it("keeps the sign of minus zero", () => {
    expect(Object.is(bindParameters([-0])[0], -0)).toBe(true)
  })

  it("binds booleans as 1 and 0", () => {
    expect(bindParameters([true, false])).toEqual([1n, 0n])
  })

  it("leaves text, bytes, null and 64-bit integers as they are", () => {
    const bytes = new Uint8Array([1, 2])
    const values = ["", "ü\0👍", bytes, null, 2n ** 63n - 1n, -(2n ** 63n)]
    expect(bindParameters(values)).toEqual(values)
  })

  it.each([
    ["undefined", undefined, "undefined"],
    ["a Date", new Date(0), "Date"],
    ["an array, which the library would take apart", [1, 2], "Array"],
    ["an object", { a: 1 }, "Object"],
    ["an object without a prototype", Object.create(null), "object without a prototype"],
    ["an ArrayBuffer", new ArrayBuffer(1), "ArrayBuffer"],
    ["a Float64Array", new Float64Array(1), "Float64Array"],
    ["a function", () => 1, "function"],
    ["a symbol", Symbol("s"), "symbol"],
  ])("refuses %s and names its position and type", (_, value, name) => {
    const error = refusal(value)
    expect(error.reason).toBe("type")
    expect(error.message).toContain(`Parameter 2 is of type ${name};`)
  })

  it.each([
    ["NaN", Number.NaN, "is NaN"],
    ["an integer above 64 bits", 2n ** 63n, "9223372036854775808"],
    ["an integer below 64 bits", -(2n ** 63n) - 1n, "-9223372036854775809"],
    ["half of a surrogate pair", "a\ud800", "surrogate"],
  ])("refuses %s, which SQLite would change", (_, value, words) => {
    const error = refusal(value)
    expect(error.reason).toBe("range")
    expect(error.message).toContain(words)
  })

  it("keeps the value of every number", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), (numbers) => {
        const bound = bindParameters(numbers)
        expect(bound.map(Number)).toEqual(numbers)
      }),
    )
  })
})
