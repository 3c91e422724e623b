import { describe, expect, it } from "vitest"
import { readFarewell } from "../../src/internal/farewell.ts"

const message = (letter: string, fields: ReadonlyArray<string>): Uint8Array => {
  const body = new TextEncoder().encode(`${fields.join("\0")}\0\0`)
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = letter.charCodeAt(0)
  new DataView(bytes.buffer).setInt32(1, body.length + 4)
  bytes.set(body, 5)
  return bytes
}

describe("readFarewell", () => {
  it("finds why the server ended the connection", () => {
    const fields = ["SFATAL", "VFATAL", "C57P01", "Mterminating connection due to administrator command"]
    const farewell = readFarewell(message("E", fields))
    expect(farewell).toMatchObject({ code: "57P01", message: "terminating connection due to administrator command" })
  })

  it("finds nothing in an error that ended nothing, or in anything else", () => {
    expect(readFarewell(message("E", ["SERROR", "VERROR", "C42601", "Msyntax error"]))).toBeUndefined()
    expect(readFarewell(message("D", ["VFATAL", "C57P01"]))).toBeUndefined()
    expect(readFarewell(message("E", ["VFATAL"]))).toBeUndefined()
    expect(readFarewell(new Uint8Array())).toBeUndefined()
  })
})
