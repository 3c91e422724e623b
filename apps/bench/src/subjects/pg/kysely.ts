/** Kysely with its own PostgreSQL dialect over pg. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { columns, type Item } from "../items.ts"
import { connections, type OpenPg } from "./subject.ts"

interface Query {
  select(columns: ReadonlyArray<string>): Query
  where(column: string, operator: string, value: unknown): Query
  orderBy(column: string): Query
  limit(count: number): Query
  execute(): Promise<ReadonlyArray<Item>>
  executeTakeFirst(): Promise<Item | undefined>
}

interface Kysely {
  selectFrom(table: string): Query
  destroy(): Promise<void>
}

interface Modules {
  readonly Kysely: new (options: object) => Kysely
  readonly PostgresDialect: new (options: object) => unknown
}

export const openKysely: OpenPg = async (url) => {
  const { Kysely, PostgresDialect } = await peer<Modules>("kysely")
  const { default: pg } = await peer<{ default: { Pool: new (options: object) => unknown } }>("pg")
  const pool = new pg.Pool({ connectionString: url, max: connections })
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
  return {
    byId: (idAt) =>
      promise((index) => db.selectFrom("items").select(columns).where("id", "=", idAt(index)).executeTakeFirst()),
    first: (count) => promise(() => db.selectFrom("items").select(columns).orderBy("id").limit(count).execute()),
    close: () => db.destroy(),
  }
}
