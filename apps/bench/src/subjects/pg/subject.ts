/** A subject of the PostgreSQL suites. Every one has as many connections. */
import type { Operation } from "../../measure/operation.ts"
import type { Item } from "../items.ts"

export const connections = 8

export interface PgSubject {
  /** A row of `items` by its primary key, as an object. */
  readonly byId: (idAt: (index: number) => number) => Operation<Item | null | undefined>
  /** The first rows of `items`, as objects. */
  readonly first: (count: number) => Operation<ReadonlyArray<Item>>
  readonly close: () => Promise<void>
}

export type OpenPg = (url: string) => Promise<PgSubject>
