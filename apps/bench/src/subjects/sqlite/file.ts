/** The database file of the SQLite suites: made once, copied for each case of each subject. */
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { item, itemCount, newItem, valuesOf } from "../items.ts"

const tables = ["items", "written"]

/** Makes `items` with all its rows and an empty `written`, with a write-ahead log as the journal. */
export const makeFile = (path: string): void => {
  const database = new DatabaseSync(path)
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN")
  for (const table of tables)
    database.exec(
      `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, score REAL NOT NULL, age INTEGER NOT NULL)`,
    )
  const insert = database.prepare("INSERT INTO items (name, email, score, age) VALUES (?, ?, ?, ?)")
  for (let id = 1; id <= itemCount; id++) insert.run(...valuesOf(item(id)))
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
  database.close()
}

/** A copy in a subject's own folder. */
export const copyFile = (path: string, folder: string, name: string): string => {
  const copy = join(folder, `${name.replaceAll(/\W+/g, "-")}.db`)
  copyFileSync(path, copy)
  return copy
}

/**
 * The difference between the rows in `written` and `count` rows that were acknowledged, by a connection of its own.
 *
 * @param settled the first `settled` rows were written one after another, so their order is known.
 */
export const auditWritten = (path: string, count: number, settled: number): string | undefined => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const { rows } = database.prepare("SELECT count(*) AS rows FROM written").get() as { rows: number }
    if (rows !== count) return `${count} rows were acknowledged and ${rows} are there`
    const found = database.prepare("SELECT name, email, score, age FROM written ORDER BY id LIMIT ?").all(settled)
    for (let index = 0; index < settled; index++) {
      const wanted = JSON.stringify(newItem(index))
      const given = JSON.stringify(found[index])
      if (given !== wanted) return `row ${index} is ${given} where ${wanted} was written`
    }
    return undefined
  } finally {
    database.close()
  }
}
