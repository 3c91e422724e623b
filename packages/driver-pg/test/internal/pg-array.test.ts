import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatArray, parseArray } from "../../src/internal/pg-array.ts"

const asText = (element: unknown): string | null => (element === null ? null : String(element))
const same = (text: string): string => text

describe("array text", () => {
  it("is read as PostgreSQL writes it", () => {
    expect(parseArray("{}", same)).toEqual([])
    expect(parseArray("{1,-2,NULL}", Number)).toEqual([1, -2, null])
    expect(parseArray('{a,"b c","NULL","",NULL,"\\"\\\\",d}', same)).toEqual(["a", "b c", "NULL", "", null, '"\\', "d"])
    expect(parseArray("{{1,2},{3,4}}", Number)).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(parseArray("[0:1]={7,8}", Number)).toEqual([7, 8])
    expect(parseArray("{(1,1),(0,0);(2,2),(1,1)}", same, ";")).toEqual(["(1,1),(0,0)", "(2,2),(1,1)"])
  })

  it("is written with every element in quotes", () => {
    expect(formatArray([1, null, 'a"b\\c', ["x"]], asText)).toBe('{"1",NULL,"a\\"b\\\\c",{"x"}}')
  })

  it("comes back as it was, whatever the elements hold", () => {
    const elements = fc.array(fc.option(fc.string({ unit: "binary" })), { maxLength: 8 })
    fc.assert(
      fc.property(elements, (values) => {
        expect(parseArray(formatArray(values, asText), same)).toEqual(values)
      }),
    )
    fc.assert(
      fc.property(fc.array(elements, { minLength: 1, maxLength: 4 }), (rows) => {
        expect(parseArray(formatArray(rows, asText), same)).toEqual(rows)
      }),
    )
  })
})
