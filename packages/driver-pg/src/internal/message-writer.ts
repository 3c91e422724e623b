const slabSize = 65_536
const letter = (character: string): number => character.charCodeAt(0)

/** Executes the unnamed portal, all rows. */
const execute = Buffer.from([letter("E"), 0, 0, 0, 9, 0, 0, 0, 0, 0])
const executeAndSync = Buffer.from([...execute, letter("S"), 0, 0, 0, 4])
const sync = Buffer.from([letter("S"), 0, 0, 0, 4])

/** Up to this length, writing a text's characters one by one is quicker than a call of the buffer's own method. */
const short = 24

/**
 * Writes messages of PostgreSQL's protocol, one behind the other, until they are taken.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class MessageWriter {
  #bytes = Buffer.allocUnsafe(slabSize)
  /** The bytes before this were taken. */
  #start = 0
  #at = 0

  /** The number of bytes that were written and not taken. */
  get length(): number {
    return this.#at - this.#start
  }

  /** The first bytes that were written and not taken. */
  take(length = this.length): Uint8Array {
    const taken = this.#bytes.subarray(this.#start, this.#start + length)
    this.#start += length
    return taken
  }

  /** @param types the parameters' types by oid; 0 where the server finds out */
  parse(name: string, sql: string, types: ReadonlyArray<number>): void {
    const start = this.#begin("P")
    this.#text(name)
    this.#text(sql)
    this.#reserve(2 + 4 * types.length)
    this.#int16(types.length)
    for (const type of types) this.#int32(type)
    this.#end(start)
  }

  /** @param values texts, or numbers whose text is the value; null for NULL */
  bind(portal: string, statement: string, values: ReadonlyArray<string | number | null>): void {
    const start = this.#begin("B")
    this.#text(portal)
    this.#text(statement)
    this.#reserve(4)
    this.#int16(0)
    this.#int16(values.length)
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as string | number | null
      this.#reserve(4)
      if (value === null) {
        this.#int32(-1)
        continue
      }
      const length = this.#at - this.#start
      this.#at += 4
      this.#characters(typeof value === "string" ? value : `${value}`)
      this.#bytes.writeInt32BE(this.length - length - 4, this.#start + length)
    }
    this.#reserve(2)
    this.#int16(0)
    this.#end(start)
  }

  /** Asks for the columns of a portal. */
  describe(portal: string): void {
    const start = this.#begin("D")
    this.#byte("P")
    this.#text(portal)
    this.#end(start)
  }

  /** @param rows how many rows at most; 0 for all */
  execute(portal: string, rows: number): void {
    if (portal === "" && rows === 0) return this.#copy(execute)
    const start = this.#begin("E")
    this.#text(portal)
    this.#reserve(4)
    this.#int32(rows)
    this.#end(start)
  }

  /** Executes the unnamed portal and ends the group of messages. */
  executeAndSync(): void {
    this.#copy(executeAndSync)
  }

  /** Closes a prepared statement or a portal; does nothing if there is none. */
  close(kind: "statement" | "portal", name: string): void {
    const start = this.#begin("C")
    this.#byte(kind === "statement" ? "S" : "P")
    this.#text(name)
    this.#end(start)
  }

  /** Ends a group of messages: after an error the server skips what follows up to here. */
  sync(): void {
    this.#copy(sync)
  }

  /** Statements without parameters, in one transaction unless they say otherwise. Ends with a ReadyForQuery by itself. */
  query(sql: string): void {
    const start = this.#begin("Q")
    this.#text(sql)
    this.#end(start)
  }

  /**
   * Writes a message's letter and leaves room for its length.
   *
   * @returns where that is, counted from what was not taken: more room may have to be made meanwhile, elsewhere
   */
  #begin(type: string): number {
    this.#reserve(6)
    this.#bytes[this.#at++] = letter(type)
    const start = this.length
    this.#at += 4
    return start
  }

  #end(start: number): void {
    this.#bytes.writeInt32BE(this.length - start, this.#start + start)
  }

  #byte(character: string): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = letter(character)
  }

  #int16(value: number): void {
    this.#bytes[this.#at++] = value >> 8
    this.#bytes[this.#at++] = value
  }

  #int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
  }

  /** Text that ends with a zero. */
  #text(text: string): void {
    this.#characters(text)
    this.#reserve(1)
    this.#bytes[this.#at++] = 0
  }

  #characters(text: string): void {
    const { length } = text
    this.#reserve(3 * length)
    if (length > short) {
      this.#at += this.#bytes.write(text, this.#at)
      return
    }
    const bytes = this.#bytes
    const at = this.#at
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 127) {
        this.#at = at + bytes.write(text, at)
        return
      }
      bytes[at + index] = code
    }
    this.#at = at + length
  }

  #copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const written = this.#bytes.subarray(this.#start, this.#at)
    const bytes = Buffer.allocUnsafe(Math.max(slabSize, 2 * (written.length + size)))
    bytes.set(written)
    this.#bytes = bytes
    this.#at = written.length
    this.#start = 0
  }
}
