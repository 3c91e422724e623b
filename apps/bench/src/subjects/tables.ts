/**
 * The tables of the SQLite and PostgreSQL suites, as ours declares them. They are made with what a subject's own entry
 * exports, so that a subject loads no other: how long loading takes is measured too.
 */
import type * as Entry from "@offloop/orm-async/promise"

type Declaring = Pick<typeof Entry, "doublePrecision" | "integer" | "table" | "text">

export const tablesOf = ({ doublePrecision, integer, table, text }: Declaring) => {
  const columns = () => ({
    id: integer().primaryKey(),
    name: text(),
    email: text(),
    score: doublePrecision(),
    age: integer(),
  })
  return { itemsTable: table("items", columns()), writtenTable: table("written", columns()) }
}
