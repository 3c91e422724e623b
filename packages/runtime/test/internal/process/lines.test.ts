import { describe, expect, test } from "vitest"
import { LastLines } from "../../../src/internal/process/last-lines.ts"
import { Lines } from "../../../src/internal/process/lines.ts"

const read = (...chunks: ReadonlyArray<string | Uint8Array>): string[] => {
  const found: string[] = []
  const lines = new Lines((line) => found.push(line))
  for (const chunk of chunks) lines.add(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk)
  lines.end()
  return found
}

describe("lines", () => {
  test("end with a line feed, with or without a carriage return, and at the end", () => {
    expect(read("a\nb\r\n\nc")).toEqual(["a", "b", "", "c"])
    expect(read("a\n")).toEqual(["a"])
    expect(read()).toEqual([])
  })

  test("are put together from parts, even of a character or of a line's end", () => {
    const bytes = new TextEncoder().encode("ä\r\nb")
    expect(read(...[...bytes].map((byte) => new Uint8Array([byte])))).toEqual(["ä", "b"])
  })

  test("that are too long are cut, not within a character", () => {
    const long = `${"x".repeat(8191)}😀${"y".repeat(8192)}`
    for (const found of [read(long), read(`${long}\n`), read(long.slice(0, 5000), long.slice(5000))]) {
      expect(found.join("")).toBe(long)
      expect(found.map(({ length }) => length)).toEqual([8191, 8192, 2])
    }
    expect(read("x".repeat(8192))).toHaveLength(1)
  })
})

describe("the last lines", () => {
  test("are bounded in number and in length, and there is at least one", () => {
    const last = new LastLines()
    expect(last.text).toBeUndefined()
    for (let n = 0; n < 300; n++) last.add(`line ${n}`)
    expect(last.text?.split("\n")).toEqual(Array.from({ length: 100 }, (_, n) => `line ${n + 200}`))
    last.add("x".repeat(8192))
    expect(last.text).toBe("x".repeat(8192))
  })
})
