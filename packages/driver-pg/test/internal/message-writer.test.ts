import { describe, expect, it } from "vitest"
import { MessageWriter } from "../../src/internal/message-writer.ts"

/** The messages in some bytes: their letter and what follows their length. */
const messages = (bytes: Uint8Array): Array<readonly [type: string, body: string]> => {
  const found: Array<readonly [string, string]> = []
  const buffer = Buffer.from(bytes)
  for (let at = 0; at < buffer.length; ) {
    const end = at + 1 + buffer.readInt32BE(at + 1)
    found.push([String.fromCharCode(buffer[at] as number), buffer.subarray(at + 5, end).toString("latin1")])
    at = end
  }
  return found
}

describe("MessageWriter", () => {
  it("writes messages as the protocol has them", () => {
    const writer = new MessageWriter()
    writer.parse("s1", "SELECT $1", [23])
    writer.bind("p", "s1", ["a", null, 1.5, "é", ""])
    writer.describe("p")
    writer.execute("p", 10)
    writer.execute("", 0)
    writer.close("statement", "s1")
    writer.close("portal", "p")
    writer.sync()
    writer.query("SELECT 1")
    writer.executeAndSync()
    expect(messages(writer.take())).toEqual([
      ["P", "s1\0SELECT $1\0\0\u0001\0\0\0\u0017"],
      ["B", "p\0s1\0\0\0\0\u0005\0\0\0\u0001a\xff\xff\xff\xff\0\0\0\u00031.5\0\0\0\u0002\xc3\xa9\0\0\0\0\0\0"],
      ["D", "Pp\0"],
      ["E", "p\0\0\0\0\u000a"],
      ["E", "\0\0\0\0\0"],
      ["C", "Ss1\0"],
      ["C", "Pp\0"],
      ["S", ""],
      ["Q", "SELECT 1\0"],
      ["E", "\0\0\0\0\0"],
      ["S", ""],
    ])
    expect(writer.length).toBe(0)
  })

  it("writes the same when its memory runs out anywhere", () => {
    const long = "long text that is not written character by character ".repeat(40)
    const values = ["short", long, null, 12_345, "☃", long]
    const once = new MessageWriter()
    once.bind("portal", "statement", values)
    const expected = messages(once.take())[0]
    for (const filler of [1, 7, 1_000, 64_000, 65_000, 65_500, 65_530, 200_000]) {
      const writer = new MessageWriter()
      const taken = filler < 65_536 ? filler : 0
      writer.query("x".repeat(taken))
      writer.take()
      writer.query("y".repeat(filler))
      for (let round = 0; round < 100; round++) writer.bind("portal", "statement", values)
      const [first, ...binds] = messages(writer.take())
      expect(first?.[1]).toHaveLength(filler + 1)
      expect(binds).toHaveLength(100)
      for (const bind of binds) expect(bind).toEqual(expected)
    }
  })

  it("gives what was taken for good", () => {
    const writer = new MessageWriter()
    writer.query("first")
    const first = writer.take()
    const copy = Uint8Array.from(first)
    for (let round = 0; round < 10_000; round++) {
      writer.query("later")
      writer.take()
    }
    expect(Uint8Array.from(first)).toEqual(copy)
    writer.query("one")
    const { length } = writer
    writer.query("two")
    expect(messages(writer.take(length))).toEqual([["Q", "one\0"]])
    expect(messages(writer.take())).toEqual([["Q", "two\0"]])
  })
})
