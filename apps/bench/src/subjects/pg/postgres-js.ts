/** postgres.js, which prepares statements by itself. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { connections, type OpenPg } from "./subject.ts"

interface Sql {
  (strings: TemplateStringsArray, ...values: ReadonlyArray<unknown>): Promise<ReadonlyArray<Item>>
  end(): Promise<void>
}

export const openPostgresJs: OpenPg = async (url) => {
  const { default: postgres } = await peer<{ default(url: string, options: object): Sql }>("postgres")
  const sql = postgres(url, { max: connections, onnotice: () => undefined })
  return {
    byId: (idAt) =>
      promise(async (index) => (await sql`SELECT id, name, email, score, age FROM items WHERE id = ${idAt(index)}`)[0]),
    // Its rows are an array with more to it; a copy would be more work than it is asked for.
    first: (count) => promise(() => sql`SELECT id, name, email, score, age FROM items ORDER BY id LIMIT ${count}`),
    close: () => sql.end(),
  }
}
