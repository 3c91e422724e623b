import { promise, sync } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { columns, type Item } from "../items.ts"
import { type OpenCore, pageSize, type Query, scoreLimit, storedItem } from "./subject.ts"

interface Builder {
  select(columns: ReadonlyArray<string>): Builder
  where(column: string, operator: string, value: unknown): Builder
  orderBy(column: string, direction: string): Builder
  limit(count: number): Builder
  values(row: object): Builder
  compile(): Query
  executeTakeFirst(): Promise<Item | undefined>
}

interface Kysely {
  selectFrom(table: string): Builder
  insertInto(table: string): Builder
  destroy(): Promise<void>
}

interface Modules {
  readonly Kysely: new (options: object) => Kysely
  readonly SqliteAdapter: new () => unknown
  readonly SqliteIntrospector: new (db: unknown) => unknown
  readonly SqliteQueryCompiler: new () => unknown
}

const connection = {
  executeQuery: async ({ parameters }: Query) => ({ rows: [storedItem(parameters[0])] }),
}

const nothing = async () => undefined

const driver = {
  init: nothing,
  acquireConnection: async () => connection,
  beginTransaction: nothing,
  commitTransaction: nothing,
  rollbackTransaction: nothing,
  releaseConnection: nothing,
  destroy: nothing,
}

export const openKysely: OpenCore = async () => {
  const { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } = await peer<Modules>("kysely")
  const db = new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (own: unknown) => new SqliteIntrospector(own),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
  const key = (id: number) => db.selectFrom("items").select(columns).where("id", "=", id)
  const compiled = (builder: Builder): Query => {
    const { sql, parameters } = builder.compile()
    return { sql, parameters }
  }
  return {
    compileKey: (idAt) => sync((index) => compiled(key(idAt(index)))),
    compilePage: (ageAt) =>
      sync((index) =>
        compiled(
          db
            .selectFrom("items")
            .select(["name", "email"])
            .where("age", ">=", ageAt(index))
            .where("score", "<", scoreLimit)
            .orderBy("score", "desc")
            .limit(pageSize),
        ),
      ),
    compileInsert: (rowAt) => sync((index) => compiled(db.insertInto("written").values(rowAt(index)))),
    execute: (idAt) => promise((index) => key(idAt(index)).executeTakeFirst()),
    close: () => db.destroy(),
  }
}
