import { promise, sync } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { columns, type Item } from "../items.ts"
import { type OpenCore, pageSize, type Query, scoreLimit, storedItem } from "./subject.ts"

interface Builder extends PromiseLike<ReadonlyArray<Item>> {
  from(table: unknown): Builder
  where(condition: unknown): Builder
  orderBy(order: unknown): Builder
  limit(count: number): Builder
  values(row: object): Builder
  toSQL(): { readonly sql: string; readonly params: ReadonlyArray<unknown> }
}

interface Drizzle {
  select(fields?: object): Builder
  insert(table: unknown): Builder
}

interface ColumnBuilder {
  primaryKey(): ColumnBuilder
  notNull(): ColumnBuilder
}

type Table = Readonly<Record<keyof Item, unknown>>

interface SqliteCore {
  sqliteTable(name: string, columns: Readonly<Record<keyof Item, ColumnBuilder>>): Table
  integer(): ColumnBuilder
  text(): ColumnBuilder
  real(): ColumnBuilder
}

type Compare = (left: unknown, right: unknown) => unknown

interface Root {
  readonly and: Compare
  readonly eq: Compare
  readonly gte: Compare
  readonly lt: Compare
  desc(column: unknown): unknown
}

type Callback = (sql: string, parameters: ReadonlyArray<unknown>) => Promise<{ rows: ReadonlyArray<unknown> }>

export const openDrizzle: OpenCore = async () => {
  const { drizzle } = await peer<{ drizzle(callback: Callback): Drizzle }>("drizzle-orm/sqlite-proxy")
  const { integer, real, sqliteTable, text } = await peer<SqliteCore>("drizzle-orm/sqlite-core")
  const { and, desc, eq, gte, lt } = await peer<Root>("drizzle-orm")
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
  const db = drizzle(async (_, parameters) => {
    const row = storedItem(parameters[0])
    return { rows: [columns.map((name) => row[name])] }
  })
  const compiled = (builder: Builder): Query => {
    const { sql, params } = builder.toSQL()
    return { sql, parameters: params }
  }
  const key = (id: number) => db.select().from(items).where(eq(items.id, id))
  return {
    compileKey: (idAt) => sync((index) => compiled(key(idAt(index)))),
    compilePage: (ageAt) =>
      sync((index) =>
        compiled(
          db
            .select({ name: items.name, email: items.email })
            .from(items)
            .where(and(gte(items.age, ageAt(index)), lt(items.score, scoreLimit)))
            .orderBy(desc(items.score))
            .limit(pageSize),
        ),
      ),
    compileInsert: (rowAt) => sync((index) => compiled(db.insert(written).values(rowAt(index)))),
    execute: (idAt) => promise(async (index) => (await key(idAt(index)))[0]),
    close: async () => undefined,
  }
}
