/** The tables of the SQLite and PostgreSQL suites, as ours declares them. */
import { doublePrecision, integer, table, text } from "@offloop/orm-async"

const columns = () => ({
  id: integer().primaryKey(),
  name: text(),
  email: text(),
  score: doublePrecision(),
  age: integer(),
})

export const itemsTable = table("items", columns())

export const writtenTable = table("written", columns())
