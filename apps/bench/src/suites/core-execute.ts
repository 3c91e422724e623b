import { DatabaseSync } from "node:sqlite"
import type { Operation } from "../measure/operation.ts"
import { operationPart } from "../measure/part.ts"
import type { Case, Entrant } from "../model.ts"
import type { CoreSubject, OpenCore, Query } from "../subjects/core/subject.ts"
import { pageSize, scoreLimit } from "../subjects/core/subject.ts"
import { idAt, item, itemCount, newItem } from "../subjects/items.ts"
import { makeFile } from "../subjects/sqlite/file.ts"
import type { Part, Suite } from "../suite.ts"

const openers: Readonly<Record<string, () => Promise<OpenCore>>> = {
  "offloop engine": async () => (await import("../subjects/core/offloop-promise.ts")).openOffloopEngine,
  "offloop promise": async () => (await import("../subjects/core/offloop-promise.ts")).openOffloopPromise,
  offloop: async () => (await import("../subjects/core/offloop.ts")).openOffloop,
  "offloop effect engine": async () => (await import("../subjects/core/offloop.ts")).openOffloopEffectEngine,
  kysely: async () => (await import("../subjects/core/kysely.ts")).openKysely,
  drizzle: async () => (await import("../subjects/core/drizzle.ts")).openDrizzle,
  "@effect/sql": async () => (await import("../subjects/core/effect-sql.ts")).openEffectSql,
}

const entrants: ReadonlyArray<Entrant> = [
  { name: "offloop engine", ours: true, peers: [] },
  { name: "offloop promise", ours: true, peers: [] },
  { name: "offloop", ours: true, peers: [] },
  { name: "offloop effect engine", ours: true, peers: [] },
  { name: "kysely", ours: false, peers: ["kysely"] },
  { name: "drizzle", ours: false, peers: ["drizzle-orm"] },
  { name: "@effect/sql", ours: false, peers: ["effect", "@effect/sql"] },
]

const coreCase = (name: string, about: string): Case => ({ name, about, unit: "µs", better: "less", compare: "median" })

const key = "compile a select by key"
const page = "compile a page"
const insert = "compile an insert"
const execute = "execute over a connection that answers at once"

const ageAt = (index: number) => 20 + (index % 50)

const pageOf = (age: number): ReadonlyArray<unknown> =>
  Array.from({ length: itemCount }, (_, index) => item(index + 1))
    .filter((row) => row.age >= age && row.score < scoreLimit)
    .sort((a, b) => b.score - a.score)
    .slice(0, pageSize)
    .map(({ name, email }) => ({ name, email }))

const rowsOf = (database: DatabaseSync, { sql, parameters }: Query): ReadonlyArray<unknown> => {
  const statement = database.prepare(sql)
  return parameters.length === 0 ? statement.all() : statement.all(...(parameters as ReadonlyArray<string | number>))
}

/** Compiled SQL is checked by what it does: it runs on a database of the check's own. */
const compilePart = (
  operation: Operation<Query>,
  answerOf: (query: Query) => unknown,
  expected: (index: number) => unknown,
): Part => operationPart({ operation, inFlight: 1, expected, probes: [0, 1, 7], plain: answerOf })

const partOf = (subject: CoreSubject, database: DatabaseSync, name: string): Part => {
  switch (name) {
    case key:
      return compilePart(
        subject.compileKey(idAt),
        (query) => rowsOf(database, query),
        (index) => [item(idAt(index))],
      )
    case page:
      return compilePart(
        subject.compilePage(ageAt),
        (query) => rowsOf(database, query),
        (index) => pageOf(ageAt(index)),
      )
    case insert:
      return compilePart(
        subject.compileInsert(newItem),
        (query) => {
          rowsOf(database, query)
          const last = "SELECT name, email, score, age FROM written ORDER BY id DESC LIMIT 1"
          return database.prepare(last).get()
        },
        newItem,
      )
    case execute:
      return operationPart({
        operation: subject.execute(idAt),
        inFlight: 1,
        expected: (index) => item(idAt(index)),
        probes: [0, 1, 7],
      })
    default:
      throw new RangeError(`There is no case "${name}"`)
  }
}

export const coreExecute: Suite = {
  name: "core-execute",
  about: "what a query costs besides the database: building it, compiling it, and the way to a connection and back",
  cases: [
    coreCase(key, "a row of five columns by its primary key, to SQL and parameters"),
    coreCase(page, "two columns, two conditions, an order and a limit, to SQL and parameters"),
    coreCase(insert, "a row of four columns, to SQL and parameters"),
    coreCase(execute, "a select by key through everything but a database, to a row as an object"),
  ],
  entrants,
  enter: async (entrant, { folder }) => {
    const path = `${folder}/items.db`
    makeFile(path)
    const database = new DatabaseSync(path)
    const subject = await (await openers[entrant]!())()
    return {
      open: async (name) => partOf(subject, database, name),
      close: async () => {
        database.close()
        await subject.close()
      },
    }
  },
}
