import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { StatementCache } from "../../src/internal/statement-cache.ts"

const entry = (name: string, pinned = false) => ({ name, used: false, pinned })

describe("StatementCache", () => {
  it("drops what was not used for the longest time", () => {
    const cache = new StatementCache<ReturnType<typeof entry>>(2)
    expect(cache.add("a", entry("a"))).toBeUndefined()
    expect(cache.add("b", entry("b"))).toBeUndefined()
    cache.get("a")
    expect(cache.add("c", entry("c"))).toMatchObject({ name: "b" })
    expect(cache.get("b")).toBeUndefined()
    expect(cache.get("a")?.name).toBe("a")
  })

  it("does not drop what is pinned, and is full when all is", () => {
    const cache = new StatementCache<ReturnType<typeof entry>>(2)
    cache.add("a", entry("a", true))
    cache.add("b", entry("b"))
    expect(cache.add("c", entry("c", true))).toMatchObject({ name: "b" })
    expect(cache.add("d", entry("d"))).toBe("full")
    expect(cache.get("d")).toBeUndefined()
  })

  it("never holds more than its size, and drops each once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(fc.integer({ min: 0, max: 8 })), (size, uses) => {
        const cache = new StatementCache<ReturnType<typeof entry>>(size)
        const held = new Set<string>()
        for (const use of uses) {
          const sql = `SELECT ${use}`
          const known = cache.get(sql)
          expect(known !== undefined).toBe(held.has(sql))
          if (known !== undefined) continue
          const dropped = cache.add(sql, entry(sql))
          if (dropped === "full") continue
          if (dropped !== undefined) expect(held.delete(dropped.name)).toBe(true)
          held.add(sql)
          expect(held.size).toBeLessThanOrEqual(size)
        }
        expect([...cache.values()].map(({ name }) => name).sort()).toEqual([...held].sort())
      }),
    )
  })
})
