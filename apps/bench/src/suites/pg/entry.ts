/** The common part of the PostgreSQL suites: a database made for the run, on a server that is there or is started. */
import postgres from "postgres"
import { startPostgres } from "../../../../../scripts/postgres.ts"
import { item, itemCount } from "../../subjects/items.ts"
import { openerOf } from "../../subjects/pg/index.ts"
import type { PgSubject } from "../../subjects/pg/subject.ts"
import type { Context, Entered, Part, Prepared } from "../../suite.ts"

const withDatabase = (server: string, database: string): string => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

const fill = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1 })
  try {
    await sql`CREATE TABLE items (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL, score double precision NOT NULL, age integer NOT NULL)`
    for (let from = 1; from <= itemCount; from += 1000)
      await sql`INSERT INTO items ${sql(Array.from({ length: 1000 }, (_, offset) => item(from + offset)))}`
    await sql`VACUUM ANALYZE items`
  } finally {
    await sql.end()
  }
}

/** Uses the server that `DATABASE_URL` names, or starts one. */
export const prepareDatabase = async (): Promise<Prepared> => {
  const given = process.env.DATABASE_URL
  const server = given === undefined ? await startPostgres() : { url: given, stop: async () => undefined }
  const database = `offloop_bench_${process.pid}`
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined })
  const release = async () => {
    await admin`DROP DATABASE IF EXISTS ${admin(database)} WITH (FORCE)`
    await admin.end()
    await server.stop()
  }
  try {
    await admin`CREATE DATABASE ${admin(database)}`
    const url = withDatabase(server.url, database)
    await fill(url)
    return { data: url, release }
  } catch (cause) {
    await release()
    throw cause
  }
}

export const enterPg =
  (partOf: (caseName: string, subject: PgSubject) => Part) =>
  async (entrant: string, context: Context): Promise<Entered> => {
    const open = await openerOf(entrant)
    const subject = await open(context.data as string)
    return { open: async (name) => partOf(name, subject), close: subject.close }
  }
