/** Drizzle over postgres.js, with prepared statements. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { connections, type OpenPg } from "./subject.ts"

interface Query {
  from(table: unknown): Query
  where(condition: unknown): Query
  orderBy(column: unknown): Query
  limit(count: unknown): Query
  prepare(name: string): { execute(values: object): Promise<ReadonlyArray<Item>> }
}

interface ColumnBuilder {
  primaryKey(): ColumnBuilder
  notNull(): ColumnBuilder
}

type Table = Readonly<Record<string, unknown>>

interface PgCore {
  pgTable(name: string, columns: Readonly<Record<string, ColumnBuilder>>): Table
  integer(): ColumnBuilder
  text(): ColumnBuilder
  doublePrecision(): ColumnBuilder
}

interface Root {
  eq(left: unknown, right: unknown): unknown
  readonly sql: { placeholder(name: string): unknown }
}

export const openDrizzle: OpenPg = async (url) => {
  const { default: postgres } = await peer<{ default(url: string, options: object): { end(): Promise<void> } }>(
    "postgres",
  )
  const { drizzle } = await peer<{ drizzle(options: object): { select(): Query } }>("drizzle-orm/postgres-js")
  const { doublePrecision, integer, pgTable, text } = await peer<PgCore>("drizzle-orm/pg-core")
  const { eq, sql } = await peer<Root>("drizzle-orm")
  const items = pgTable("items", {
    id: integer().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    score: doublePrecision().notNull(),
    age: integer().notNull(),
  })
  const client = postgres(url, { max: connections, onnotice: () => undefined })
  const db = drizzle({ client })
  const byId = db
    .select()
    .from(items)
    .where(eq(items.id, sql.placeholder("id")))
    .prepare("by_id")
  const first = db.select().from(items).orderBy(items.id).limit(sql.placeholder("count")).prepare("first")
  return {
    byId: (idAt) => promise(async (index) => (await byId.execute({ id: idAt(index) }))[0]),
    first: (count) => promise(() => first.execute({ count })),
    close: () => client.end(),
  }
}
