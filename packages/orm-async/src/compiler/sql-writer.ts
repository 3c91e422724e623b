import type { Dialect, DialectType } from "../dialect/dialect.ts"
import type { BindNode } from "../expression/node.ts"

/** Where a value goes in the SQL. */
export interface Slot {
  /** The node's position among the statement's values. */
  readonly index: number
  readonly encode: DialectType["encode"]
  readonly wrap: ((placeholder: string) => string) | undefined
  readonly expanding: boolean
  /** The SQL for an empty list. */
  readonly empty: string
  readonly name: string | undefined
  /** `table.column`, for messages. */
  readonly column: string | undefined
}

/** Stands on both sides of a part's number in a dialect's text; a private-use character that no SQL has. */
const mark = "\uE000"

/**
 * Collects SQL as text pieces with slots for values in between: one more piece than slots.
 *
 * In literal mode, for DDL, values are written as SQL text instead, because DDL takes no parameters.
 */
export class SqlWriter {
  readonly dialect: Dialect
  readonly pieces: Array<string> = [""]
  readonly slots: Array<Slot> = []
  readonly #index: ReadonlyMap<BindNode, number> | "literal"

  constructor(dialect: Dialect, binds: ReadonlyArray<BindNode> | "literal") {
    this.dialect = dialect
    if (binds === "literal") this.#index = "literal"
    else {
      const index = new Map<BindNode, number>()
      for (let i = 0; i < binds.length; i++) if (!index.has(binds[i]!)) index.set(binds[i]!, i)
      this.#index = index
    }
  }

  write(sql: string): void {
    this.pieces[this.pieces.length - 1] += sql
  }

  bind(node: BindNode, empty = "NULL"): void {
    const type = this.dialect.type(node.type)
    if (this.#index === "literal") {
      const values: ReadonlyArray<unknown> = node.expanding ? (node.value as ReadonlyArray<unknown>) : [node.value]
      this.write(values.map((value) => this.dialect.literal(type.encode(value), node.type)).join(", "))
      return
    }
    const index = this.#index.get(node)
    if (index === undefined) throw new Error("a value of the statement is missing from its list of values")
    this.slots.push({
      index,
      encode: type.encode,
      wrap: type.bindAs ?? this.#castOf(node, type),
      expanding: node.expanding,
      empty,
      name: node.name,
      column: node.column,
    })
    this.pieces.push("")
  }

  #castOf(node: BindNode, type: DialectType): Slot["wrap"] {
    if (!node.standalone || !this.dialect.castsLiterals || node.type.kind === "unknown") return undefined
    return (placeholder) => `CAST(${placeholder} AS ${type.castAs ?? type.ddl})`
  }

  /** Takes out again what `write` writes: dialects arrange some clauses themselves. */
  capture(write: () => void): Captured {
    const piece = this.pieces.length - 1
    const before = this.pieces[piece]!
    const slot = this.slots.length
    this.pieces[piece] = ""
    write()
    const captured = { pieces: this.pieces.slice(piece), slots: this.slots.slice(slot) }
    this.pieces.length = piece + 1
    this.pieces[piece] = before
    this.slots.length = slot
    return captured
  }

  /** Writes what a dialect makes of captured parts. It is given a mark for each part, to place in its text. */
  arrange(parts: ReadonlyArray<Captured>, arrangement: (...marks: ReadonlyArray<string>) => string): void {
    const texts = arrangement(...parts.map((_, i) => `${mark}${i}${mark}`)).split(mark)
    texts.forEach((text, i) => {
      if (i % 2 === 0) this.write(text)
      else this.append(parts[Number(text)]!)
    })
  }

  /** Writes captured parts. */
  append(captured: Captured): void {
    this.write(captured.pieces[0]!)
    for (let i = 0; i < captured.slots.length; i++) {
      this.slots.push(captured.slots[i]!)
      this.pieces.push(captured.pieces[i + 1]!)
    }
  }
}

/** Pieces and slots taken out of a {@link SqlWriter}. */
export interface Captured {
  readonly pieces: ReadonlyArray<string>
  readonly slots: ReadonlyArray<Slot>
}
