/** A subject of the core-execute suite: everything between a call and the database, and no database. */
import type { Operation } from "../../measure/operation.ts"
import { type Item, idAt, item, type NewItem } from "../items.ts"

export interface Query {
  readonly sql: string
  readonly parameters: ReadonlyArray<unknown>
}

export interface CoreSubject {
  /** The row of `items` with this id. */
  readonly compileKey: (idAt: (index: number) => number) => Operation<Query>
  /** `name` and `email` of the first 20 rows of `items` of at least this age and below this score, highest score first. */
  readonly compilePage: (ageAt: (index: number) => number) => Operation<Query>
  /** One row into `written`. */
  readonly compileInsert: (rowAt: (index: number) => NewItem) => Operation<Query>
  /** The row with this id, over a connection that answers at once. */
  readonly execute: (idAt: (index: number) => number) => Operation<Item | null | undefined>
  readonly close: () => Promise<void>
}

export type OpenCore = () => Promise<CoreSubject>

export const pageSize = 20
export const scoreLimit = 30_000

const wanted = new Set(Array.from({ length: 10_000 }, (_, index) => idAt(index)))
const known = new Map([...wanted].map((id) => [id, item(id)]))

/** The answer of the connection that answers at once: made beforehand, so that only the way there is timed. */
export const storedItem = (id: unknown): Item => {
  const found = known.get(id as number)
  if (found === undefined) throw new RangeError(`There is no item ${String(id)}`)
  return found
}
