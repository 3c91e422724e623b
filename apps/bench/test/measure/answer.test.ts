import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { differenceBetween } from "../../src/measure/answer.ts"

const value = fc.anything({ withBigInt: true, withDate: true, withTypedArray: false, withNullPrototype: true })

describe("differenceBetween", () => {
  it("finds none between a value and its copy", () => {
    fc.assert(fc.property(value, (one) => differenceBetween(one, structuredClone(one)) === undefined))
  })

  it("finds none between two dates that are no dates", () => {
    expect(differenceBetween(new Date(Number.NaN), new Date(Number.NaN))).toBeUndefined()
    expect(differenceBetween(new Date(0), new Date(Number.NaN))).toBe(
      "the answer is the date invalid where the date 1970-01-01T00:00:00.000Z was asked for",
    )
  })

  it("finds one wherever a row is changed", () => {
    const row = fc.record({ id: fc.integer(), name: fc.string(), score: fc.double() })
    const place = fc.constantFrom("id", "name", "score")
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.nat(), place, (rows, at, key) => {
        const changed = structuredClone(rows)
        const index = at % rows.length
        changed[index] = { ...changed[index]!, [key]: "something else" }
        fc.pre(rows[index]![key as "name"] !== "something else")
        expect(differenceBetween(rows, changed)).toContain(`the answer[${index}].${key} is "something else"`)
      }),
    )
  })

  it("names less work: a row or a column that is missing", () => {
    expect(differenceBetween([{ a: 1 }, { a: 2 }], [{ a: 1 }])).toBe(
      "the answer is an array of 1 where an array of 2 was asked for",
    )
    expect(differenceBetween({ a: 1, b: 2 }, { a: 1 })).toBe('the answer has no "b"')
  })

  it("names more: a column that was not asked for", () => {
    expect(differenceBetween({ a: 1 }, { a: 1, b: 2 })).toBe('the answer has "b", which was not asked for')
  })

  it("does not take a value of another type for the same", () => {
    expect(differenceBetween({ id: 1 }, { id: 1n })).toBe("the answer.id is 1n where 1 was asked for")
    expect(differenceBetween({ id: 1 }, { id: "1" })).toBe('the answer.id is "1" where 1 was asked for')
    expect(differenceBetween(null, undefined)).toBe("the answer is undefined where null was asked for")
    expect(differenceBetween([], {})).toBe("the answer is an object with no keys where an array of 0 was asked for")
  })

  it("compares bytes, whatever kind of array holds them", () => {
    expect(differenceBetween(Uint8Array.of(1, 2), Buffer.from([1, 2]))).toBeUndefined()
    expect(differenceBetween(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(
      "the answer, byte 1, is 3 where 2 was asked for",
    )
    expect(differenceBetween(Uint8Array.of(1), [1])).toContain("where 1 bytes was asked for")
  })

  it("compares dates by their time", () => {
    expect(differenceBetween(new Date(5), new Date(5))).toBeUndefined()
    expect(differenceBetween(new Date(5), new Date(6))).toContain("1970-01-01T00:00:00.006Z")
    expect(differenceBetween(new Date(5), {})).toBeDefined()
  })

  it("takes an entity with the same properties for a row", () => {
    class Person {
      id = 1
    }
    expect(differenceBetween({ id: 1 }, new Person())).toBeUndefined()
  })
})
