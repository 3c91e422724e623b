import { EventEmitter } from "node:events"
import type { Socket } from "node:net"
import { describe, expect, it } from "vitest"
import { type AnswerReader, placeholder, ServerSocket } from "../../src/internal/server-socket.ts"

const message = (type: string, body: string | Uint8Array = ""): Buffer => {
  const bytes = Buffer.from(body as string, "latin1")
  const head = Buffer.alloc(5)
  head.write(type, 0)
  head.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

/** A fake socket: emits what a test tells it to, and keeps what is written. */
class FakeSocket extends EventEmitter {
  readonly written: Array<string> = []

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString("latin1"))
    return true
  }

  destroy(): void {}
}

const open = () => {
  const fake = new FakeSocket()
  const told: Array<string> = []
  const socket = new ServerSocket(fake as unknown as Socket, {
    lost: (error) => told.push(`lost ${error?.message}`),
    foreignAnswer: () => told.push(`foreign ${String.fromCharCode(socket.status)}`),
  })
  const passed: Array<Buffer> = []
  socket.on("data", (bytes: Buffer) => passed.push(bytes))
  const reader = (name: string, hasSeveral: boolean): AnswerReader => ({
    hasSeveral,
    completed: (tag) => told.push(`${name} completed ${tag}`),
    suspended: () => told.push(`${name} suspended`),
    ready: () => told.push(`${name} ready ${String.fromCharCode(socket.status)}`),
  })
  return { fake, socket, told, passed, reader }
}

const answer = [
  message("1"),
  message("2"),
  message("T", "a description"),
  message("D", "x".repeat(100)),
  message("D", "Z\0\0\0\u0005I"),
  message("C", "SELECT 2\0"),
  message("2"),
  message("C", "INSERT 0 5\0"),
  message("3"),
  message("I"),
  message("D", "more"),
  message("s"),
  message("S", "name\0value\0"),
  message("Z", "T"),
]

describe("ServerSocket", () => {
  it("reads the same however the bytes are cut", () => {
    const bytes = Buffer.concat(answer)
    // CloseComplete and PortalSuspended are not passed on.
    const expected = Buffer.concat(answer.filter((part) => part[0] !== 51 && part[0] !== 115))
    for (let size = 1; size <= bytes.length; size++) {
      const { fake, socket, told, passed, reader } = open()
      socket.current = reader("one", true)
      for (let at = 0; at < bytes.length; at += size) fake.emit("data", bytes.subarray(at, at + size))
      expect(Buffer.concat(passed).equals(expected), `in pieces of ${size}`).toBe(true)
      expect(told).toEqual([
        "one completed SELECT 2",
        "one completed INSERT 0 5",
        "one completed ",
        "one suspended",
        "one ready T",
      ])
    }
  })

  it("tells each answer with the status that came with it", () => {
    const { fake, socket, told, reader } = open()
    const readers = [reader("one", false), reader("two", false)]
    let next = 0
    // As postgres.js does: with each ReadyForQuery the next query becomes the current one.
    socket.on("data", (bytes: Buffer) => {
      const following = readers[++next]
      if (bytes.at(-6) === 90 && following !== undefined) socket.current = following
    })
    socket.current = readers[0] as AnswerReader
    const all = [
      message("C", "BEGIN\0"),
      message("Z", "T"),
      message("E", "VERROR\0\0"),
      message("Z", "E"),
      message("Z", "I"),
    ]
    fake.emit("data", Buffer.concat(all))
    expect(told).toEqual(["one ready T", "two ready E", "foreign I"])
  })

  it("keeps the last error until the server is ready again", () => {
    const { fake, socket } = open()
    const error = message("E", "VFATAL\0C57P01\0\0")
    fake.emit("data", error.subarray(0, 10))
    expect(socket.lastError).toBeUndefined()
    fake.emit("data", error.subarray(10))
    expect(Buffer.from(socket.lastError ?? [])).toEqual(error)
    fake.emit("data", message("Z", "I"))
    expect(socket.lastError).toBeUndefined()
  })

  it("reads nothing more when it was destroyed, also in the middle of a chunk", () => {
    const { fake, socket, told, reader } = open()
    socket.current = { ...reader("one", false), ready: () => socket.destroy() }
    fake.emit("data", Buffer.concat([message("Z", "I"), message("Z", "T")]))
    fake.emit("data", message("Z", "E"))
    expect(told).toEqual([])
    expect(String.fromCharCode(socket.status)).toBe("I")
  })

  it("says once that it is lost, and stands an error that nobody listens for", () => {
    const { fake, told } = open()
    fake.emit("error", new Error("reset by peer"))
    fake.emit("close", true)
    expect(told).toEqual(["lost reset by peer"])
  })

  it("sends messages in the place of placeholders, among those of others", () => {
    const { fake, socket } = open()
    const mark = message("Q", `${placeholder}\0`)
    const foreign = message("Q", "SELECT 1\0")
    const latin = (...parts: ReadonlyArray<Buffer>): string => Buffer.concat(parts).toString("latin1")
    for (const sql of ["one", "two"]) {
      socket.writer.query(sql)
      socket.commit()
    }
    socket.write(Buffer.concat([mark, mark]))
    socket.write(foreign)
    for (const sql of ["three", "four", "five"]) {
      socket.writer.query(sql)
      socket.commit()
    }
    socket.write(message("f", "no\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))
    socket.write(Buffer.concat([foreign, mark, foreign, mark]))
    socket.write(mark)
    expect(fake.written).toEqual([
      latin(message("Q", "one\0"), message("Q", "two\0")),
      latin(foreign),
      latin(message("f", "no\0\0\0\0\0\0\0\0\0\0\0\0\0\0")),
      latin(foreign, message("Q", "three\0"), foreign, message("Q", "four\0")),
      latin(message("Q", "five\0")),
    ])
  })
})
