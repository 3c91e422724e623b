import { describe, expect, it } from "vitest"
import { PreparedTexts } from "../../src/internal/prepared-texts.ts"

describe("PreparedTexts", () => {
  it("prepares what can be repeated, and nothing else", () => {
    const texts = new PreparedTexts(10)
    for (const sql of ["SELECT 1", " with a as (select 1) select * from a", "INSERT INTO t VALUES (1)", "values (1)"]) {
      expect(texts.textOf(sql)).toBe(sql)
    }
    for (const sql of ["BEGIN", "CREATE TABLE t ()", "FETCH 1 FROM c", "SAVEPOINT a", "selectivity()"]) {
      expect(texts.textOf(sql)).toBeUndefined()
    }
  })

  it("prepares only so many", () => {
    const texts = new PreparedTexts(2)
    expect([1, 2, 3, 1, 2, 3].map((n) => texts.textOf(`SELECT ${n}`))).toEqual([
      "SELECT 1",
      "SELECT 2",
      undefined,
      "SELECT 1",
      "SELECT 2",
      undefined,
    ])
    expect(new PreparedTexts(0).textOf("SELECT 1")).toBeUndefined()
  })

  it("prepares anew when the schema has changed, once for each change that something follows", () => {
    const texts = new PreparedTexts(2)
    const first = texts.textOf("SELECT 1")
    texts.ran("CREATE TABLE")
    texts.ran("ALTER TABLE")
    const second = texts.textOf("SELECT 1")
    expect(second).not.toBe(first)
    expect(second?.trim()).toBe(first)
    expect(texts.textOf("SELECT 1")).toBe(second)
    texts.ran("INSERT")
    expect(texts.textOf("SELECT 1")).toBe(second)
  })
})
