/** Kysely with its own SQLite dialect over better-sqlite3. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { columns, type Item } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

interface Query {
  select(columns: ReadonlyArray<string>): Query
  where(column: string, operator: string, value: unknown): Query
  orderBy(column: string): Query
  limit(count: number): Query
  values(row: object): Query
  execute(): Promise<ReadonlyArray<unknown>>
  executeTakeFirst(): Promise<unknown>
}

interface Kysely {
  selectFrom(table: string): Query
  insertInto(table: string): Query
  transaction(): { execute(body: (transaction: Kysely) => Promise<unknown>): Promise<unknown> }
  destroy(): Promise<void>
}

interface RawSql {
  <A>(
    strings: TemplateStringsArray,
    ...values: ReadonlyArray<unknown>
  ): {
    execute(database: Kysely): Promise<{ readonly rows: ReadonlyArray<A> }>
  }
  raw<A>(text: string): { execute(database: Kysely): Promise<{ readonly rows: ReadonlyArray<A> }> }
}

interface Modules {
  readonly Kysely: new (options: object) => Kysely
  readonly SqliteDialect: new (options: object) => unknown
  readonly sql: RawSql
}

export const openKysely: OpenSqlite = async ({ path, synchronous }) => {
  const { default: Database } = await peer<{ default: new (path: string) => { exec(sql: string): void } }>(
    "better-sqlite3",
  )
  const { Kysely, SqliteDialect, sql } = await peer<Modules>("kysely")
  const database = new Database(path)
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  const db = new Kysely({ dialect: new SqliteDialect({ database }) })
  return {
    byId: (idAt) =>
      promise(
        (index) =>
          db.selectFrom("items").select(columns).where("id", "=", idAt(index)).executeTakeFirst() as Promise<Item>,
      ),
    first: (count) =>
      promise(
        () =>
          db.selectFrom("items").select(columns).orderBy("id").limit(count).execute() as Promise<ReadonlyArray<Item>>,
      ),
    insert: (rowAt) => promise((index) => db.insertInto("written").values(rowAt(index)).execute()),
    insertTen: (rowAt) =>
      promise((index) =>
        db.transaction().execute(async (transaction) => {
          for (const row of tenFrom(rowAt, index)) await transaction.insertInto("written").values(row).execute()
        }),
      ),
    heavy: (limit) =>
      promise(async () => {
        const { rows } = await sql<{
          total: number
        }>`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${limit})
SELECT sum(i % 7) AS total FROM n`.execute(db)
        return rows[0]!.total
      }),
    pragma: async (name) => Object.values((await sql.raw<object>(`PRAGMA ${name}`).execute(db)).rows[0]!)[0],
    close: () => db.destroy(),
  }
}
