/** The Promise facade: what a program without Effect writes. */
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
} from "@offloop/orm-async/promise"
import { promise } from "../../measure/operation.ts"
import { heavySql, type Item } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

const { itemsTable, writtenTable } = tablesOf({ doublePrecision, integer, table, text })

export const openPromise =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const engine = await createAsyncEngine(`sqlite:///${path}`, { placement, connectArgs: { synchronous } })
    const autocommit = engine.executionOptions({ isolationLevel: "AUTOCOMMIT" })
    const scalar = async (sql: string, parameters: ReadonlyArray<unknown>) => {
      await using connection = await autocommit.connect()
      return Object.values((await connection.execDriverSql(sql, parameters)).first()!)[0]
    }
    return {
      byId: (idAt) =>
        promise(async (index) => {
          await using connection = await autocommit.connect()
          return (await connection.execute(select(itemsTable).where(eq(itemsTable.c.id, idAt(index))))).first()
        }),
      first: (count) =>
        promise(async (): Promise<ReadonlyArray<Item>> => {
          await using connection = await autocommit.connect()
          return (await connection.execute(select(itemsTable).orderBy(asc(itemsTable.c.id)).limit(count))).fetchAll()
        }),
      insert: (rowAt) =>
        promise(async (index) => {
          await using connection = await autocommit.connect()
          return connection.execute(insert(writtenTable).values(rowAt(index)))
        }),
      insertTen: (rowAt) =>
        promise((index) =>
          engine.begin(async (connection) => {
            for (const row of tenFrom(rowAt, index)) await connection.execute(insert(writtenTable).values(row))
          }),
        ),
      heavy: (limit) => promise(() => scalar(heavySql, [limit]) as Promise<number>),
      pragma: (name) => scalar(`PRAGMA ${name}`, []),
      close: async () => {
        await engine[Symbol.asyncDispose]()
      },
    }
  }
