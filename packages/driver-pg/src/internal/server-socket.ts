import { EventEmitter } from "node:events"
import type { Socket } from "node:net"
import { MessageWriter } from "./message-writer.ts"

const code = (letter: string): number => letter.charCodeAt(0)

const authentication = code("R")
const closeComplete = code("3")
const commandComplete = code("C")
const copyData = code("d")
const dataRow = code("D")
const emptyQuery = code("I")
const errorResponse = code("E")
const portalSuspended = code("s")
const readyForQuery = code("Z")

const query = code("Q")
const saslMechanisms = 10

/** The text of a query of postgres.js in whose place a request's messages are sent. */
export const placeholder = "\u0001"
const placeholderLength = 7

/** A receiver of an answer, told while the answer arrives. */
export interface AnswerReader {
  /** It has several statements, whose ends must be known before what follows is read. */
  readonly hasSeveral: boolean
  /** A statement has ended. `tag` is what the server says of it: `INSERT 0 5`; empty where it says nothing. */
  completed(tag: string): void
  /** As many rows as were asked for have come, and there may be more. */
  suspended(): void
  /** Its last message has been read. */
  ready(): void
}

/** The events that the socket tells its session. */
export interface SocketOwner {
  /** The connection is gone. Told once. */
  lost(error: Error | undefined): void
  /** Something was answered that nobody here has asked: the program uses the client of postgres.js itself. */
  foreignAnswer(): void
}

/**
 * The socket that a client of postgres.js is given: it reads along with what arrives, and decides what is sent.
 *
 * Arriving messages are passed on up to each ReadyForQuery, so that whoever is told of an answer sees the transaction's
 * status as of that answer. On the way out, each placeholder query gives way to messages of the driver's own, which are
 * in {@link writer} in the same order: postgres.js itself can send neither several statements in one group, nor a portal's
 * name, nor close a prepared statement.
 */
export class ServerSocket extends EventEmitter {
  readonly writer = new MessageWriter()
  readonly #socket: Socket
  readonly #owner: SocketOwner
  /** The number of bytes that were written for each placeholder that has not been sent. */
  readonly #lengths: Array<number> = []
  #committed = 0
  #status = 0
  /** The last error since the last ReadyForQuery: the reason, if the connection closes now. */
  #error: Uint8Array | undefined
  /** The beginning of a message, whose rest has not arrived. */
  #held: Buffer | undefined
  /** Bytes of a row that have not arrived. */
  #missing = 0
  #current: AnswerReader | undefined
  /** The end of an answer is being read that the driver has asked for. */
  #isEnding = false
  #isPaused = false
  #isLost = false
  #asksSasl = false

  constructor(socket: Socket, owner: SocketOwner) {
    super()
    this.#socket = socket
    this.#owner = owner
    socket.on("data", (chunk: Buffer) => this.#receive(chunk))
    socket.on("drain", () => this.emit("drain"))
    socket.on("error", (error) => {
      this.#lose(error)
      // postgres.js stops listening when the connection has closed.
      if (this.listenerCount("error") > 0) this.emit("error", error)
    })
    socket.on("close", (hadError) => {
      this.#lose(undefined)
      this.emit("close", hadError)
    })
  }

  /** The transaction's status as of the last ReadyForQuery: `I`, `T` or `E` as a character code; 0 before the first. */
  get status(): number {
    return this.#status
  }

  /** The server asks for a password by SASL. */
  get asksSasl(): boolean {
    return this.#asksSasl
  }

  /** The last error that the server sent since it was last ready. */
  get lastError(): Uint8Array | undefined {
    return this.#error
  }

  /** Whose answer arrives next. */
  set current(reader: AnswerReader) {
    this.#current = reader
  }

  /** Puts what was written since the last call in the place of the placeholder that is sent next. */
  commit(): void {
    // A COPY of the program's that was read to its end may have left it so.
    if (this.#isPaused) this.resume()
    this.#lengths.push(this.writer.length - this.#committed)
    this.#committed = this.writer.length
  }

  /** Keeps the program alive, or does not. */
  ref(): void {
    this.#socket.ref()
  }

  unref(): void {
    this.#socket.unref()
  }

  /** Tells when the socket has closed; postgres.js removes the listeners of this object then. */
  onceClosed(listener: () => void): void {
    this.#socket.once("close", listener)
  }

  /** Sends bytes as they are, now. */
  writeRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  // From here on, what postgres.js calls.

  get readyState(): string {
    return this.#socket.readyState
  }

  setKeepAlive(on: boolean, delay: number): void {
    this.#socket.setKeepAlive(on, delay)
  }

  /** Sends what postgres.js wrote. Never asks it to wait: the driver bounds what is under way. */
  write(chunk: Uint8Array, sent?: (error?: Error | null) => void): boolean {
    if (this.#lengths.length === 0) this.#socket.write(chunk, sent)
    else if (chunk[0] === query && chunk.length === placeholderLength * this.#lengths.length) {
      this.#socket.write(this.writer.take(), sent)
      this.#lengths.length = 0
      this.#committed = 0
    } else this.#socket.write(this.#replacePlaceholders(chunk), sent)
    return true
  }

  end(chunk: Uint8Array): void {
    this.#socket.end(chunk)
  }

  /** Drops the connection. Nothing that arrives is read any more. */
  destroy(): void {
    this.#isLost = true
    this.#socket.destroy()
  }

  /** Stops reading while the program reads a COPY of its own; the data of one in a statement are dropped. */
  pause(): void {
    if (this.#current !== undefined || this.#isEnding) return
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket.resume()
  }

  #receive(chunk: Buffer): void {
    let bytes = chunk
    if (this.#held !== undefined) {
      bytes = Buffer.concat([this.#held, chunk])
      this.#held = undefined
    }
    const { length } = bytes
    let from = 0
    let at = this.#missing
    while (at + 5 <= length && !this.#isLost) {
      const type = bytes[at]
      const end = at + 1 + readLength(bytes, at + 1)
      if (type === dataRow || type === copyData) {
        at = end
        continue
      }
      if (end > length) break
      if (type === readyForQuery) {
        this.#ready(bytes.subarray(from, end))
        from = end
      } else if (type === commandComplete || type === emptyQuery) {
        if (this.#current?.hasSeveral) {
          this.#pass(bytes.subarray(from, end))
          from = end
          this.#current.completed(type === emptyQuery ? "" : text(bytes, at + 5, end - 1))
        }
      } else if ((type === portalSuspended || type === closeComplete) && this.#current !== undefined) {
        // To postgres.js these would mean a cursor of its own.
        this.#pass(bytes.subarray(from, at))
        from = end
        if (type === portalSuspended) this.#current.suspended()
      } else if (type === errorResponse) this.#error = Uint8Array.from(bytes.subarray(at, end))
      else if (type === authentication) this.#asksSasl ||= readLength(bytes, at + 5) === saslMechanisms
      at = end
    }
    if (this.#isLost) return
    if (at >= length) {
      this.#missing = at - length
      this.#pass(bytes.subarray(from))
      return
    }
    this.#missing = 0
    this.#pass(bytes.subarray(from, at))
    this.#held = bytes.subarray(at)
  }

  #ready(bytes: Buffer): void {
    const current = this.#current
    this.#current = undefined
    this.#error = undefined
    this.#status = bytes[bytes.length - 1] as number
    this.#isEnding = current !== undefined
    this.emit("data", bytes)
    this.#isEnding = false
    if (current !== undefined) current.ready()
    else this.#owner.foreignAnswer()
  }

  #pass(bytes: Buffer): void {
    if (bytes.length > 0) this.emit("data", bytes)
  }

  #replacePlaceholders(chunk: Uint8Array): Uint8Array {
    const parts: Array<Uint8Array> = []
    for (let at = 0; at < chunk.length; ) {
      const end = at + 1 + readLength(chunk, at + 1)
      if (chunk[at] === query && end - at === placeholderLength && chunk[at + 5] === placeholder.charCodeAt(0)) {
        const length = this.#lengths.shift() as number
        parts.push(this.writer.take(length))
        this.#committed -= length
      } else parts.push(chunk.subarray(at, end))
      at = end
    }
    return Buffer.concat(parts)
  }

  #lose(error: Error | undefined): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#owner.lost(error)
  }
}

const readLength = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)

const text = (bytes: Uint8Array, start: number, end: number): string => {
  let result = ""
  for (let at = start; at < end; at++) result += String.fromCharCode(bytes[at] as number)
  return result
}
