import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Parts } from "../../src/internal/parts.ts"

/** Puts a result together as the loop does, and counts its parts. */
const assemble = (parts: Parts, cells: Array<unknown>): { readonly whole: Array<unknown>; readonly count: number } => {
  const first = parts.first(cells)
  const whole = [...first.cells]
  let count = 1
  for (let isLast = first.rest === 0; !isLast; count++) {
    const part = parts.next(first.rest)
    isLast = part.pop() as boolean
    expect(part.length).toBeGreaterThan(0)
    for (const cell of part) whole.push(cell)
  }
  return { whole, count }
}

describe("Parts", () => {
  it("give every result whole, whatever its size and its cells", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 300_000 }), (length, text) => {
        const cells = Array.from({ length }, (_, at) => (at % 1000 === 7 ? "x".repeat(text) : at))
        expect(assemble(new Parts(), cells.slice()).whole).toEqual(cells)
      }),
      { numRuns: 20 },
    )
  })

  it("are one for what is small, and more for many cells, much text and many bytes", () => {
    const parts = new Parts()
    expect(assemble(parts, []).count).toBe(1)
    expect(assemble(parts, [1, "a", null]).count).toBe(1)
    expect(assemble(parts, new Array(20_000).fill(1)).count).toBe(3)
    expect(assemble(parts, new Array(4).fill("a".repeat(300_000))).count).toBe(4)
    expect(assemble(parts, new Array(4).fill(new Uint8Array(300_000))).count).toBe(4)
  })

  it("are gone when they were given, or are not wanted any more", () => {
    const parts = new Parts()
    const { rest } = parts.first(new Array(10_000).fill(1))
    parts.next(rest)
    expect(() => parts.next(rest)).toThrow(`under the number ${rest}`)
    const other = parts.first(new Array(10_000).fill(1))
    parts.clear()
    expect(() => parts.next(other.rest)).toThrow("no part")
  })
})
