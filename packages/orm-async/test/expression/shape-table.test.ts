import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ShapeTable } from "../../src/expression/shape-table.ts"

describe("a table of shapes", () => {
  const join = (left: string, right: string) => `(${left}=${right})`

  it("gives what joining gives, and joins no two shapes twice", () => {
    let joined = 0
    const table = new ShapeTable((left, right) => {
      joined++
      return join(left, right)
    })
    const word = fc.constantFrom("", "a", "b", "ab", "a b")
    const seen = new Set<string>()
    fc.assert(
      fc.property(word, word, (left, right) => {
        seen.add(JSON.stringify([left, right]))
        expect(table.of(left, right)).toBe(join(left, right))
        expect(joined).toBe(seen.size)
      }),
    )
  })

  it("starts anew when it is full", () => {
    const joined: Array<string> = []
    const table = new ShapeTable((left, right) => {
      joined.push(right)
      return join(left, right)
    })
    for (let i = 0; i <= 2000; i++) expect(table.of("a", String(i))).toBe(`(a=${i})`)
    expect(joined).toHaveLength(2001)
    expect(table.of("a", "2000")).toBe("(a=2000)")
    expect(joined).toHaveLength(2001)
    expect(table.of("a", "0")).toBe("(a=0)")
    expect(joined.at(-1)).toBe("0")
  })
})
