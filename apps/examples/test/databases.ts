import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import "@offloop/driver-pg"
import "@offloop/driver-sqlite"
import { makeUrl, Url } from "@offloop/orm-async"
import { createAsyncEngine } from "@offloop/orm-async/promise"

/** A database of a test's own, empty. */
export interface TestDatabase {
  readonly name: string
  readonly url: string
  readonly drop: () => Promise<void>
}

const sqlite = async (): Promise<TestDatabase> => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-examples-"))
  return {
    name: "SQLite",
    url: Url.create({ drivername: "sqlite", database: join(folder, "cities.db") }).renderAsString(),
    drop: async () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
}

const postgresqlServer = (): Url => {
  const url = process.env.OFFLOOP_TEST_PG_URL
  if (url === undefined || url === "") {
    throw new Error(
      "OFFLOOP_TEST_PG_URL is not set: it names the PostgreSQL server for the tests. `npx pnpm@12 test` starts one and sets it.",
    )
  }
  return makeUrl(url)
}

const onServer = async (server: Url, statement: string): Promise<void> => {
  await using engine = await createAsyncEngine(server, { isolationLevel: "AUTOCOMMIT" })
  await using conn = await engine.connect()
  await conn.execDriverSql(statement)
}

const postgresql = async (): Promise<TestDatabase> => {
  const server = postgresqlServer()
  const database = `offloop_examples_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
  await onServer(server, `CREATE DATABASE ${database}`)
  return {
    name: "PostgreSQL",
    url: server.set({ database }).renderAsString({ hidePassword: false }),
    drop: () => onServer(server, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
  }
}

/** Makes a database of each kind that the examples run on. */
export const databases = [
  ["SQLite", sqlite],
  ["PostgreSQL", postgresql],
] as const
