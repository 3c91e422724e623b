/** sqlite3: each call goes to libuv's thread pool. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { heavySql, type Item, insertWritten, selectById, selectFirst, valuesOf } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

type Done<A> = (error: Error | null, answer: A) => void

interface Statement {
  get(parameters: ReadonlyArray<unknown>, done: Done<unknown>): void
  all(parameters: ReadonlyArray<unknown>, done: Done<Array<unknown>>): void
  run(parameters: ReadonlyArray<unknown>, done: Done<unknown>): void
}

interface Database extends Statement {
  prepare(sql: string, done: (error: Error | null) => void): Statement
  get(sql: unknown, done: Done<unknown>): void
  exec(sql: string, done: Done<unknown>): void
  close(done: Done<unknown>): void
}

const called = <A>(start: (done: Done<A>) => void): Promise<A> =>
  new Promise((resolve, reject) =>
    start((error, answer) => (error === null || error === undefined ? resolve(answer) : reject(error))),
  )

export const openSqlite3: OpenSqlite = async ({ path, synchronous }) => {
  const { default: sqlite3 } = await peer<{
    default: { Database: new (path: string, done: Done<unknown>) => Database }
  }>("sqlite3")
  let database!: Database
  await called((done) => {
    database = new sqlite3.Database(path, done)
  })
  const exec = (sql: string) => called((done) => database.exec(sql, done))
  const prepared = async (sql: string): Promise<Statement> => {
    let statement!: Statement
    await called<unknown>((done) => {
      statement = database.prepare(sql, (error) => done(error, undefined))
    })
    return statement
  }
  await exec(`PRAGMA synchronous = ${synchronous}`)
  const byId = await prepared(selectById)
  const first = await prepared(selectFirst)
  const insert = await prepared(insertWritten)
  const heavy = await prepared(heavySql)
  return {
    byId: (idAt) => promise((index) => called((done: Done<unknown>) => byId.get([idAt(index)], done)) as Promise<Item>),
    first: (count) => promise(() => called<Array<unknown>>((done) => first.all([count], done)) as Promise<Array<Item>>),
    insert: (rowAt) => promise((index) => called((done) => insert.run(valuesOf(rowAt(index)), done))),
    insertTen: (rowAt) =>
      promise(async (index) => {
        await exec("BEGIN IMMEDIATE")
        for (const row of tenFrom(rowAt, index)) await called((done) => insert.run(valuesOf(row), done))
        await exec("COMMIT")
      }),
    heavy: (limit) =>
      promise(
        async () => ((await called((done: Done<unknown>) => heavy.get([limit], done))) as { total: number }).total,
      ),
    pragma: async (name) =>
      Object.values((await called((done: Done<unknown>) => database.get(`PRAGMA ${name}`, done))) as object)[0],
    // Statements are finalized with the process: sqlite3 refuses to close a database that still has them.
    close: async () => undefined,
  }
}
