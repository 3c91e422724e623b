import { describe, expect, it } from "vitest"
import {
  bindparam,
  compile,
  type Dialect,
  deleteFrom,
  type Executable,
  Expression,
  eq,
  gt,
  insert,
  integer,
  postgresqlDialect,
  StatementCache,
  select,
  sqliteDialect,
  table,
  text,
  textClause,
  update,
} from "../../src/index.ts"
import { users } from "../schema/sample.ts"

type Statement = Executable<unknown, "core" | "orm">

/** The condition, and how often its shape has been read. */
const spied = (condition: Expression<boolean | null>) => {
  const { node } = condition
  let reads = 0
  const spy = Object.defineProperty({ ...node }, "shape", {
    get: () => {
      reads++
      return node.shape
    },
  })
  return { condition: new Expression<boolean | null>(spy), reads: () => reads }
}

const idIs = () => spied(eq(users.c.id, bindparam("id", { type: integer() })))

const kinds: ReadonlyArray<readonly [string, (condition: Expression<boolean | null>) => Statement]> = [
  ["SELECT", (condition) => select(users).where(condition)],
  ["UNION", (condition) => select(users).where(condition).union(select(users))],
  ["UPDATE", (condition) => update(users).set({ name: "x" }).where(condition)],
  ["DELETE", (condition) => deleteFrom(users).where(condition)],
  ["INSERT of a query", (condition) => insert(users).fromSelect(["name"], select(users.c.name).where(condition))],
]

describe("a statement that is compiled again", () => {
  it.each(kinds)("is found without its shape: %s", (_, make) => {
    const cache = new StatementCache()
    const { condition, reads } = idIs()
    const statement = make(condition)
    const run = (id: number) => compile(statement, sqliteDialect, { cache, parameters: { id } }).steps[0]
    const first = run(1)
    const readsAtFirst = reads()
    expect(readsAtFirst).toBeGreaterThan(0)
    expect(run(2)).toEqual({ sql: first.sql, parameters: expect.arrayContaining([2]) })
    expect(run(1)).toEqual(first)
    expect(reads()).toBe(readsAtFirst)
    expect(cache.statistics).toMatchObject({ size: 1, hits: 2, misses: 1 })
  })

  it("is found without its shape where it is an INSERT of rows that come with the execution", () => {
    const cache = new StatementCache()
    const { condition, reads } = spied(gt(users.c.id, 0))
    const statement = insert(users).onConflictDoUpdate({ target: users.c.id, set: { name: "x" }, where: condition })
    const run = (...rows: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
      compile(statement, sqliteDialect, { cache, parameters: rows }).steps
    const row = { id: 1, email: "a", name: "b" }
    const first = run(row)
    const readsAtFirst = reads()
    expect(readsAtFirst).toBeGreaterThan(0)
    expect(run(row)).toEqual(first)
    expect(run(row, { ...row, id: 2 })).toEqual([
      { sql: first[0].sql, parameterSets: [expect.arrayContaining([1]), expect.arrayContaining([2])] },
    ])
    expect(reads()).toBe(readsAtFirst)
    expect(run({ ...row, nick: "n" })[0].sql).not.toBe(first[0].sql)
    expect(run(row)).toEqual(first)
  })

  it("is found without its text where it is SQL text, and keeps lists and values apart", () => {
    const cache = new StatementCache()
    const statement = textClause("SELECT :a")
    const run = (a: unknown) => compile(statement, sqliteDialect, { cache, parameters: { a } }).steps[0]
    expect([run(1), run([1, 2]), run(2), run([3])]).toEqual([
      { sql: "SELECT ?", parameters: [1] },
      { sql: "SELECT ?, ?", parameters: [1, 2] },
      { sql: "SELECT ?", parameters: [2] },
      { sql: "SELECT ?", parameters: [3] },
    ])
    expect(cache.statistics).toMatchObject({ size: 2, misses: 2 })
  })

  it("has the values of a list each time", () => {
    const cache = new StatementCache()
    const statement = select(users.c.id).where(eq(users.c.id, bindparam("id", { type: integer() })))
    for (const ids of [
      [1, 2],
      [3, 4],
    ]) {
      const { steps } = compile(statement, sqliteDialect, { cache, parameters: ids.map((id) => ({ id })) })
      expect(steps[0]).toMatchObject({ parameterSets: ids.map((id) => [id]) })
    }
  })

  it("shares its entry with those of equal shape", () => {
    const cache = new StatementCache()
    const build = (id: number) => select(users.c.id).where(eq(users.c.id, id))
    const [one, two] = [build(1), build(2)]
    for (const statement of [one, two, one, two]) compile(statement, sqliteDialect, { cache })
    expect(cache.statistics).toMatchObject({ size: 1, hits: 3, misses: 1 })
    expect(compile(two, sqliteDialect, { cache }).steps[0]).toMatchObject({ parameters: [2] })
  })

  it("is another one for each dialect and cache", () => {
    const statement = select(users.c.id).where(eq(users.c.id, 1))
    const caches = [new StatementCache(), new StatementCache()]
    const sql = (dialect: Dialect, cache: StatementCache) => compile(statement, dialect, { cache }).steps[0].sql
    for (let i = 0; i < 3; i++) {
      for (const cache of caches) {
        expect(sql(sqliteDialect, cache)).toContain('"id" = ?')
        expect(sql(postgresqlDialect, cache)).toContain('"id" = $1')
      }
    }
    for (const cache of caches) expect(cache.statistics).toEqual({ size: 2, capacity: 500, hits: 4, misses: 2 })
  })

  it("is compiled anew when the cache was cleared or has dropped it", () => {
    const cache = new StatementCache(1)
    const [a, b] = [select(users.c.id), select(users.c.name)]
    const run = (statement: Statement) => compile(statement, sqliteDialect, { cache })
    for (const statement of [a, b, a]) run(statement)
    expect(cache.statistics).toMatchObject({ size: 1, hits: 0, misses: 3 })
    cache.clear()
    expect(cache.statistics.size).toBe(0)
    run(a)
    expect(cache.statistics).toMatchObject({ size: 1, hits: 0, misses: 4 })
  })

  it("asks functions for their values each time", () => {
    let calls = 0
    const t = table("t", {
      id: integer().primaryKey(),
      name: text()
        .nullable()
        .onUpdate(() => (++calls % 2 ? "odd" : null)),
    })
    const cache = new StatementCache()
    const statement = update(t).set({ id: 5 })
    const steps = [1, 2, 3].map(() => compile(statement, sqliteDialect, { cache }).steps[0])
    expect(steps).toEqual([
      { sql: 'UPDATE "t" SET "id" = ?, "name" = ?', parameters: [5, "odd"] },
      { sql: 'UPDATE "t" SET "id" = ?, "name" = NULL', parameters: [5] },
      { sql: 'UPDATE "t" SET "id" = ?, "name" = ?', parameters: [5, "odd"] },
    ])
  })

  it("may be frozen", () => {
    const cache = new StatementCache()
    const statement = Object.freeze(select(users.c.id))
    for (let i = 0; i < 2; i++) compile(statement, sqliteDialect, { cache })
    expect(cache.statistics).toMatchObject({ hits: 1, misses: 1 })
  })
})
