import { type AsyncConnection, AsyncEngine, createAll, dropAll } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { cityTables } from "../cities/tables.ts"
import { demoSchema } from "./database.ts"
import { UsageError } from "./options.ts"

/** Marks a SQLite file as the demo's own: see `PRAGMA application_id`. */
const demoMark = 0x0ff_100b

/** Somebody's own tables must not be dropped: a file with tables of the same names must be one that the demo made. */
const requireOwnFile = (conn: AsyncConnection) =>
  Effect.gen(function* () {
    const mark = (yield* conn.execDriverSql("PRAGMA application_id")).scalar()
    if (mark === demoMark) return
    const names = cityTables.map(({ name }) => name)
    const existing = yield* conn.execDriverSql(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (${names.map(() => "?").join(", ")})`,
      names,
    )
    const taken = existing.scalars("name").all()
    if (taken.length > 0) {
      yield* new UsageError({
        message: `--database names a file that has tables of its own called ${taken.join(", ")}, which the demo would drop. Name a new file.`,
      })
    }
  })

const prepareSqlite = (conn: AsyncConnection) =>
  Effect.gen(function* () {
    yield* requireOwnFile(conn)
    yield* conn.execute(dropAll(cityTables))
    yield* conn.execDriverSql(`PRAGMA application_id = ${demoMark}`)
  })

const preparePostgresql = (conn: AsyncConnection) =>
  Effect.gen(function* () {
    yield* conn.execDriverSql(`DROP SCHEMA IF EXISTS ${demoSchema} CASCADE`)
    yield* conn.execDriverSql(`CREATE SCHEMA ${demoSchema}`)
  })

/** Makes the tables anew, empty, in one transaction. */
export const prepareDatabase = Effect.gen(function* () {
  const engine = yield* AsyncEngine
  yield* engine.begin((conn) =>
    Effect.gen(function* () {
      yield* engine.dialect.name === "sqlite" ? prepareSqlite(conn) : preparePostgresql(conn)
      yield* conn.execute(createAll(cityTables))
    }),
  )
})
