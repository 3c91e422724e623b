/** One-shot statements of the Promise API: each is a transaction of its own, and no connection is checked out for it. */
import "@offloop/driver-sqlite"
import {
  asc,
  createAsyncEngine,
  doublePrecision,
  eq,
  insert,
  integer,
  type Placement,
  select,
  table,
  text,
  textClause,
} from "@offloop/orm-async/promise"
import { promise } from "../../measure/operation.ts"
import { heavySql, type Item } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

const { itemsTable, writtenTable } = tablesOf({ doublePrecision, integer, table, text })

const heavy = textClause(heavySql.replace("?", ":limit"))

export const openEngine =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const engine = await createAsyncEngine(`sqlite:///${path}`, { placement, connectArgs: { synchronous } })
    return {
      byId: (idAt) =>
        promise(async (index) =>
          (await engine.execute(select(itemsTable).where(eq(itemsTable.c.id, idAt(index))))).first(),
        ),
      first: (count) =>
        promise(
          async (): Promise<ReadonlyArray<Item>> =>
            (await engine.execute(select(itemsTable).orderBy(asc(itemsTable.c.id)).limit(count))).fetchAll(),
        ),
      insert: (rowAt) => promise((index) => engine.execute(insert(writtenTable).values(rowAt(index)))),
      insertTen: (rowAt) =>
        promise((index) => engine.executeAll(tenFrom(rowAt, index).map((row) => insert(writtenTable).values(row)))),
      heavy: (limit) => promise(async () => (await engine.scalar(heavy, { limit })) as number),
      pragma: (name) => engine.scalar(textClause(`PRAGMA ${name}`)),
      close: () => engine[Symbol.asyncDispose]() as Promise<void>,
    }
  }
