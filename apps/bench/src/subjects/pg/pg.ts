/** pg with named statements, which is how it prepares them. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { columnList, type Item } from "../items.ts"
import { connections, type OpenPg } from "./subject.ts"

interface Pool {
  query(query: object): Promise<{ readonly rows: ReadonlyArray<Item> }>
  end(): Promise<void>
}

export const openPg: OpenPg = async (url) => {
  const { default: pg } = await peer<{ default: { Pool: new (options: object) => Pool } }>("pg")
  const pool = new pg.Pool({ connectionString: url, max: connections })
  const byId = { name: "by-id", text: `SELECT ${columnList} FROM items WHERE id = $1` }
  const first = { name: "first", text: `SELECT ${columnList} FROM items ORDER BY id LIMIT $1` }
  return {
    byId: (idAt) => promise(async (index) => (await pool.query({ ...byId, values: [idAt(index)] })).rows[0]),
    first: (count) => promise(async () => (await pool.query({ ...first, values: [count] })).rows),
    close: () => pool.end(),
  }
}
