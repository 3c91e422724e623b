/** Drizzle over better-sqlite3, with prepared statements where it has them. It blocks the loop. */
import { sync } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

interface Prepared {
  get(values: object): unknown
  all(values: object): Array<unknown>
  run(values: object): unknown
}

interface Query {
  from(table: unknown): Query
  where(condition: unknown): Query
  orderBy(column: unknown): Query
  limit(count: unknown): Query
  values(row: object): Query
  run(): unknown
  prepare(): Prepared
}

interface Drizzle {
  select(): Query
  insert(table: unknown): Query
  transaction(body: (transaction: Drizzle) => void, options: object): void
  get<A>(query: unknown): A
}

interface ColumnBuilder {
  primaryKey(): ColumnBuilder
  notNull(): ColumnBuilder
}

type Table = Readonly<Record<string, unknown>>

interface SqliteCore {
  sqliteTable(name: string, columns: Readonly<Record<string, ColumnBuilder>>): Table
  integer(): ColumnBuilder
  text(): ColumnBuilder
  real(): ColumnBuilder
}

interface Root {
  eq(left: unknown, right: unknown): unknown
  readonly sql: {
    (strings: TemplateStringsArray, ...values: ReadonlyArray<unknown>): unknown
    placeholder(name: string): unknown
    raw(text: string): unknown
  }
}

export const openDrizzle: OpenSqlite = async ({ path, synchronous }) => {
  const { default: Database } = await peer<{
    default: new (path: string) => { exec(sql: string): void; close(): void }
  }>("better-sqlite3")
  const { drizzle } = await peer<{ drizzle(options: object): Drizzle }>("drizzle-orm/better-sqlite3")
  const { integer, real, sqliteTable, text } = await peer<SqliteCore>("drizzle-orm/sqlite-core")
  const { eq, sql } = await peer<Root>("drizzle-orm")
  const table = (name: string) =>
    sqliteTable(name, {
      id: integer().primaryKey(),
      name: text().notNull(),
      email: text().notNull(),
      score: real().notNull(),
      age: integer().notNull(),
    })
  const items = table("items")
  const written = table("written")
  const client = new Database(path)
  client.exec(`PRAGMA synchronous = ${synchronous}`)
  const db = drizzle({ client })
  const byId = db
    .select()
    .from(items)
    .where(eq(items.id, sql.placeholder("id")))
    .prepare()
  const first = db.select().from(items).orderBy(items.id).limit(sql.placeholder("count")).prepare()
  const insert = db
    .insert(written)
    .values(Object.fromEntries(["name", "email", "score", "age"].map((name) => [name, sql.placeholder(name)])))
    .prepare()
  return {
    byId: (idAt) => sync((index) => byId.get({ id: idAt(index) }) as Item | undefined),
    first: (count) => sync(() => first.all({ count }) as Array<Item>),
    insert: (rowAt) => sync((index) => insert.run(rowAt(index))),
    insertTen: (rowAt) =>
      sync((index) =>
        db.transaction(
          (transaction) => {
            for (const row of tenFrom(rowAt, index)) transaction.insert(written).values(row).run()
          },
          { behavior: "immediate" },
        ),
      ),
    heavy: (limit) =>
      sync(
        () =>
          db.get<{
            total: number
          }>(sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${limit})
SELECT sum(i % 7) AS total FROM n`).total,
      ),
    pragma: async (name) => Object.values(db.get<object>(sql.raw(`PRAGMA ${name}`)))[0],
    close: async () => client.close(),
  }
}
