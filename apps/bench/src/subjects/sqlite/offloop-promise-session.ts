/** The ORM in the Promise style: each operation has a session of its own, as a request would. */
import "@offloop/driver-sqlite"
import {
  AsyncSession,
  asc,
  createAsyncEngine,
  doublePrecision,
  Entity,
  integer,
  type Placement,
  select,
  table,
  text,
  textClause,
} from "@offloop/orm-async/promise"
import { promise } from "../../measure/operation.ts"
import { columns, heavySql, type Item, type NewItem } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

const { itemsTable, writtenTable } = tablesOf({ doublePrecision, integer, table, text })

class StoredItem extends Entity(itemsTable) {}
class Written extends Entity(writtenTable) {}

const heavy = textClause(heavySql.replace("?", ":limit"))

export const openPromiseSession =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const engine = await createAsyncEngine(`sqlite:///${path}`, { placement, connectArgs: { synchronous } })
    const write = async (rows: ReadonlyArray<NewItem>) => {
      await using session = await AsyncSession.make(engine)
      session.addAll(rows.map((row) => new Written(row)))
      await session.commit()
    }
    return {
      byId: (idAt) =>
        promise(async (index) => {
          await using session = await AsyncSession.make(engine)
          return await session.get(StoredItem, idAt(index))
        }),
      first: (count) =>
        promise(async (): Promise<ReadonlyArray<Item>> => {
          await using session = await AsyncSession.make(engine)
          return (await session.scalars(select(StoredItem).orderBy(asc(StoredItem.c.id)).limit(count))).all()
        }),
      insert: (rowAt) => promise((index) => write([rowAt(index)])),
      insertTen: (rowAt) => promise((index) => write(tenFrom(rowAt, index))),
      heavy: (limit) => promise(async () => (await engine.scalar(heavy, { limit })) as number),
      pragma: (name) => engine.scalar(textClause(`PRAGMA ${name}`)),
      plain: (row) => Object.fromEntries(columns.map((name) => [name, row[name]])),
      close: () => engine[Symbol.asyncDispose]() as Promise<void>,
    }
  }
