import { describe, expect, it } from "vitest"
import { readFatalError } from "../../src/internal/fatal-error-response.ts"

const message = (letter: string, fields: ReadonlyArray<string>): Uint8Array => {
  const body = new TextEncoder().encode(`${fields.join("\0")}\0\0`)
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = letter.charCodeAt(0)
  new DataView(bytes.buffer).setInt32(1, body.length + 4)
  bytes.set(body, 5)
  return bytes
}

describe("readFatalError", () => {
  it("finds why the server ended the connection", () => {
    const fields = ["SFATAL", "VFATAL", "C57P01", "Mterminating connection due to administrator command"]
    const reason = readFatalError(message("E", fields))
    expect(reason).toMatchObject({ code: "57P01", message: "terminating connection due to administrator command" })
  })

  it("finds nothing in an error that ended nothing", () => {
    expect(readFatalError(message("E", ["SERROR", "VERROR", "C42601", "Msyntax error"]))).toBeUndefined()
    expect(readFatalError(message("E", ["VFATAL"]))).toBeUndefined()
  })
})
