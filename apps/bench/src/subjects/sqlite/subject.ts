/** A subject of the SQLite suites. Everything is done the way that the library's own documentation does it. */
import type { Operation } from "../../measure/operation.ts"
import type { Item, NewItem } from "../items.ts"

export interface SqliteSubject {
  /** A row of `items` by its primary key, as an object. */
  readonly byId: (idAt: (index: number) => number) => Operation<Item | null | undefined>
  /** The first rows of `items`, as objects. */
  readonly first: (count: number) => Operation<ReadonlyArray<Item>>
  /** One row into `written`, in a transaction of its own. */
  readonly insert: (rowAt: (index: number) => NewItem) => Operation<unknown>
  /** Ten INSERT statements of one row into `written`, in one transaction. */
  readonly insertTen: (rowAt: (index: number) => NewItem) => Operation<unknown>
  /** The number that `heavySql` computes. */
  readonly heavy: (limit: number) => Operation<number>
  /** A setting of the connection that writes. */
  readonly pragma: (name: "synchronous" | "journal_mode") => Promise<unknown>
  /** The reason for which it cannot have several operations in flight, if it cannot. */
  readonly oneAtATime?: string
  /** An entity as plain data, where rows are not plain data already. */
  readonly plain?: (row: Item) => unknown
  readonly close: () => Promise<void>
}

export interface SqliteFile {
  readonly path: string
  readonly synchronous: "NORMAL" | "FULL"
}

export type OpenSqlite = (file: SqliteFile) => Promise<SqliteSubject>

/** The ten rows of the transaction with this index. */
export const tenFrom = (rowAt: (index: number) => NewItem, index: number): ReadonlyArray<NewItem> =>
  Array.from({ length: 10 }, (_, offset) => rowAt(index * 10 + offset))
