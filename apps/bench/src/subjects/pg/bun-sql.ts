/** Bun's own PostgreSQL client. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { connections, type OpenPg } from "./subject.ts"

interface Sql {
  (strings: TemplateStringsArray, ...values: ReadonlyArray<unknown>): Promise<ReadonlyArray<Item>>
  close(): Promise<void>
}

export const openBunSql: OpenPg = async (url) => {
  const { SQL } = await peer<{ SQL: new (url: string, options: object) => Sql }>("bun")
  const sql = new SQL(url, { max: connections })
  return {
    byId: (idAt) =>
      promise(async (index) => (await sql`SELECT id, name, email, score, age FROM items WHERE id = ${idAt(index)}`)[0]),
    first: (count) => promise(() => sql`SELECT id, name, email, score, age FROM items ORDER BY id LIMIT ${count}`),
    close: () => sql.close(),
  }
}
