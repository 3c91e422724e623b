/** better-sqlite3 and what copies its interface: node:sqlite, bun:sqlite, libsql. They block the loop. */
import { sync } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { heavySql, type Item, insertWritten, selectById, selectFirst, valuesOf } from "../items.ts"
import { type OpenSqlite, type SqliteFile, type SqliteSubject, tenFrom } from "./subject.ts"

interface Statement {
  get(...parameters: ReadonlyArray<unknown>): unknown
  all(...parameters: ReadonlyArray<unknown>): Array<unknown>
  run(...parameters: ReadonlyArray<unknown>): unknown
}

interface Database {
  prepare(sql: string): Statement
  exec(sql: string): unknown
  close(): void
}

const subjectOf = (database: Database, { synchronous }: SqliteFile): SqliteSubject => {
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  const byId = database.prepare(selectById)
  const first = database.prepare(selectFirst)
  const insert = database.prepare(insertWritten)
  const begin = database.prepare("BEGIN IMMEDIATE")
  const commit = database.prepare("COMMIT")
  const heavy = database.prepare(heavySql)
  return {
    byId: (idAt) => sync((index) => byId.get(idAt(index)) as Item | undefined),
    first: (count) => sync(() => first.all(count) as Array<Item>),
    insert: (rowAt) => sync((index) => insert.run(...valuesOf(rowAt(index)))),
    insertTen: (rowAt) =>
      sync((index) => {
        begin.run()
        for (const row of tenFrom(rowAt, index)) insert.run(...valuesOf(row))
        commit.run()
      }),
    heavy: (limit) => sync(() => (heavy.get(limit) as { total: number }).total),
    pragma: async (name) => Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0],
    close: async () => database.close(),
  }
}

type Constructor = new (path: string) => Database

export const openBetterSqlite3: OpenSqlite = async (file) => {
  const { default: Database } = await peer<{ default: Constructor }>("better-sqlite3")
  return subjectOf(new Database(file.path), file)
}

export const openLibsql: OpenSqlite = async (file) => {
  const { default: Database } = await peer<{ default: Constructor }>("libsql")
  return {
    ...subjectOf(new Database(file.path), file),
    // libsql puts the query's duration into the row.
    plain: ({ _metadata, ...row }: Item & { _metadata?: unknown }) => row,
  }
}

export const openNodeSqlite: OpenSqlite = async (file) => {
  const { DatabaseSync } = await import("node:sqlite")
  return subjectOf(new DatabaseSync(file.path) as unknown as Database, file)
}

export const openBunSqlite: OpenSqlite = async (file) => {
  const { Database } = await peer<{ Database: Constructor }>("bun:sqlite")
  return subjectOf(new Database(file.path), file)
}
