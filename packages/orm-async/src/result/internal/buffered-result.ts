import { ArgumentError, MultipleResultsFound, NoResultFound, ResourceClosedError } from "../../errors/index.ts"
import type { PlainStyle } from "../plain-style.ts"
import type { Result, RowResult, ScalarResult } from "../result.ts"
import { samenessText } from "./sameness.ts"

/** The parts of a result. */
export interface ResultSource<Row> {
  readonly keys: ReadonlyArray<string>
  readonly returnsRows: boolean
  readonly rowCount: number
  /** The rows, handed over: the result may give this very array away. */
  readonly rows: Array<Row>
  /** A row's values in the order of `keys`; needed where a row is no plain object of them, as an entity is not. */
  readonly valuesOf?: ((row: Row) => ReadonlyArray<unknown>) | undefined
  /** A row as a single value, where that is not its first column, as for an entity. */
  readonly scalarOf?: ((row: Row) => unknown) | undefined
}

/** Where the views of one result stand: they consume the same rows. */
class Position<Row> {
  readonly source: Omit<ResultSource<Row>, "rows">
  rows: Array<Row>
  next = 0
  closed = false

  constructor({ rows, ...source }: ResultSource<Row>) {
    this.source = source
    this.rows = rows
  }

  check(): void {
    if (!this.source.returnsRows) {
      throw new ResourceClosedError({
        message:
          "This result object does not return rows: its statement is not a query and has no RETURNING; `rowCount` says how many rows it changed",
      })
    }
    if (this.closed) {
      throw new ResourceClosedError({
        message:
          "This result object is closed: close(), first(), one(), scalar() and the like close it; fetch before, or execute again",
      })
    }
  }

  valuesOf(row: Row): ReadonlyArray<unknown> {
    const { keys, valuesOf } = this.source
    if (valuesOf !== undefined) return valuesOf(row)
    // A row is null where it stands for a table that an outer join found nothing in.
    return keys.map((key) => (row === null ? null : (row as Record<string, unknown>)[key]))
  }

  valueOf(row: Row, column: number): unknown {
    const { keys, valuesOf } = this.source
    if (valuesOf !== undefined) return valuesOf(row)[column]
    return row === null ? null : (row as Record<string, unknown>)[keys[column] as string]
  }

  exhaust(): void {
    this.next = 0
    this.rows = []
  }
}

const noRow = () =>
  new NoResultFound({ message: "No row was found when one was required: use oneOrNone() if there may be none" })

const severalRows = (required: string) =>
  new MultipleResultsFound({
    message: `Multiple rows were found when ${required} was required: narrow the statement, or use first()`,
  })

/** Rows of a result, seen through a projection. */
class View<Row, Item> implements ScalarResult<Item, PlainStyle>, RowResult<Item, PlainStyle> {
  readonly position: Position<Row>
  readonly #project: ((row: Row) => Item) | undefined
  readonly #sameness: (item: Item) => unknown
  #seen: Set<unknown> | undefined
  #by: ((item: Item) => unknown) | undefined

  constructor(position: Position<Row>, project: ((row: Row) => Item) | undefined, sameness: (item: Item) => unknown) {
    this.position = position
    this.#project = project
    this.#sameness = sameness
  }

  get keys(): ReadonlyArray<string> {
    return this.position.source.keys
  }

  get closed(): boolean {
    return this.position.closed
  }

  close(): void {
    this.position.closed = true
    this.position.exhaust()
  }

  all(): Array<Item> {
    return this.fetchMany()
  }

  fetchAll(): Array<Item> {
    return this.fetchMany()
  }

  fetchMany(size: number = Number.POSITIVE_INFINITY): Array<Item> {
    this.position.check()
    if (!(size >= 0)) throw new ArgumentError({ message: `fetchMany: size must be 0 or more; got ${size}` })
    return this.#take(size)
  }

  fetchOne(): Item | null {
    const [item] = this.fetchMany(1)
    return item === undefined ? null : item
  }

  *partitions(size: number): Generator<Array<Item>, void, undefined> {
    if (!(size >= 1)) throw new ArgumentError({ message: `partitions: size must be 1 or more; got ${size}` })
    for (let items = this.fetchMany(size); items.length > 0; items = this.fetchMany(size)) yield items
  }

  *[Symbol.iterator](): Generator<Item, void, undefined> {
    for (;;) {
      const items = this.fetchMany(1)
      if (items.length === 0) return
      yield items[0] as Item
    }
  }

  first(): Item | null {
    const items = this.fetchMany(1)
    this.close()
    return items.length === 0 ? null : (items[0] as Item)
  }

  one(): Item {
    const items = this.#only()
    if (items.length === 1) return items[0] as Item
    throw items.length === 0 ? noRow() : severalRows("exactly one")
  }

  oneOrNone(): Item | null {
    const items = this.#only()
    if (items.length > 1) throw severalRows("one or none")
    return items.length === 0 ? null : (items[0] as Item)
  }

  unique(by?: (item: Item) => unknown): this {
    this.#seen = new Set()
    this.#by = by
    return this
  }

  #only(): Array<Item> {
    const items = this.fetchMany(2)
    this.close()
    return items
  }

  #take(size: number): Array<Item> {
    const { position } = this
    const { rows } = position
    const project = this.#project
    if (project === undefined && this.#seen === undefined && position.next === 0 && size >= rows.length) {
      position.exhaust()
      return rows as unknown as Array<Item>
    }
    const items: Array<Item> = []
    while (items.length < size && position.next < rows.length) {
      const row = rows[position.next++] as Row
      const item = project === undefined ? (row as unknown as Item) : project(row)
      if (this.#isNew(item)) items.push(item)
    }
    if (position.next >= rows.length) position.exhaust()
    return items
  }

  #isNew(item: Item): boolean {
    const seen = this.#seen
    if (seen === undefined) return true
    const sameness = (this.#by ?? this.#sameness)(item)
    if (seen.has(sameness)) return false
    seen.add(sameness)
    return true
  }
}

/** A result whose rows are all in memory: plain values, and typed errors that are thrown. */
export class BufferedResult<Row, Value = Row[keyof Row]>
  extends View<Row, Row>
  implements Result<Row, PlainStyle, Value>
{
  constructor(source: ResultSource<Row>) {
    const position = new Position(source)
    super(position, undefined, (row) => samenessText(position.valuesOf(row)))
  }

  get returnsRows(): boolean {
    return this.position.source.returnsRows
  }

  get rowCount(): number {
    return this.position.source.rowCount
  }

  scalar(): Value | null {
    return this.scalars().first()
  }

  scalarOne(): Value {
    return this.scalars().one()
  }

  scalarOneOrNone(): Value | null {
    return this.scalars().oneOrNone()
  }

  scalars(): ScalarResult<Value, PlainStyle>
  scalars<Key extends keyof Row & string>(key: Key): ScalarResult<Row[Key], PlainStyle>
  scalars(key?: string): ScalarResult<unknown, PlainStyle> {
    const { position } = this
    const { scalarOf } = position.source
    if (key === undefined && scalarOf !== undefined) return new View(position, scalarOf, samenessText)
    const column = key === undefined ? 0 : this.keys.indexOf(key)
    if (column < 0) {
      throw new ArgumentError({ message: `scalars: there is no column "${key}"; there are ${this.keys.join(", ")}` })
    }
    return new View(position, (row) => position.valueOf(row, column), samenessText)
  }

  mappings(): RowResult<Readonly<Record<keyof Row & string, Row[keyof Row]>>, PlainStyle> {
    const { position } = this
    type Mapping = Readonly<Record<keyof Row & string, Row[keyof Row]>>
    const mapping = (row: Row) => {
      const values = position.valuesOf(row)
      return Object.fromEntries(this.keys.map((key, at) => [key, values[at]])) as Mapping
    }
    return new View(position, mapping, samenessText)
  }

  tuples(): RowResult<ReadonlyArray<Row[keyof Row]>, PlainStyle> {
    const { position } = this
    return new View(position, (row) => position.valuesOf(row) as ReadonlyArray<Row[keyof Row]>, samenessText)
  }

  freeze(): () => Result<Row, PlainStyle, Value> {
    const rows = this.fetchMany()
    const { source } = this.position
    return () => new BufferedResult<Row, Value>({ ...source, rows: [...rows] })
  }
}
