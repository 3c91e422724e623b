import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatBytes, parseBytes } from "../../src/internal/pg-bytes.ts"

describe("bytes as text", () => {
  it("are read in both of PostgreSQL's forms", () => {
    const bytes = new Uint8Array([0, 97, 92, 255])
    expect(parseBytes("\\x00615cff")).toEqual(bytes)
    expect(parseBytes("\\000a\\\\\\377")).toEqual(bytes)
    expect(parseBytes("\\x")).toEqual(new Uint8Array())
    expect(parseBytes("")).toEqual(new Uint8Array())
  })

  it("come back as they were", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseBytes(formatBytes(bytes))).toEqual(bytes)
      }),
    )
  })
})
