import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  compile,
  count,
  type Executable,
  eq,
  gt,
  inArray,
  insert,
  integer,
  literal,
  or,
  postgresqlDialect,
  StatementCache,
  select,
  sqliteDialect,
  table,
  text,
  textClause,
  update,
} from "../../src/index.ts"
import { posts, users } from "../schema/sample.ts"
import { arbitraryQuery } from "../statement/arbitrary.ts"
import { thrownBy } from "./sql.ts"

const pieces = (sql: string): string => sql.replaceAll(/(\?|\$\d+)(, (\?|\$\d+))+/g, "list")

describe("compiling from the cache", () => {
  test.each([sqliteDialect, postgresqlDialect])(
    "$name: gives what compiling anew gives, for any statement",
    (dialect) => {
      const cache = new StatementCache()
      fc.assert(
        fc.property(arbitraryQuery, (statement) => {
          const fresh = compile(statement, dialect)
          for (let i = 0; i < 2; i++) {
            const cached = compile(statement, dialect, { cache })
            expect(cached.steps).toEqual(fresh.steps)
            expect(cached.keys).toEqual(fresh.keys)
          }
        }),
        { numRuns: 300 },
      )
      expect(cache.statistics.hits).toBeGreaterThan(0)
    },
  )

  test("two statements share an entry exactly if their SQL is the same but for values", () => {
    fc.assert(
      fc.property(arbitraryQuery, arbitraryQuery, (a, b) => {
        const cache = new StatementCache()
        const first = compile(a, postgresqlDialect, { cache }).steps[0].sql
        const second = compile(b, postgresqlDialect, { cache }).steps[0].sql
        if (cache.statistics.hits === 1) expect(pieces(first)).toBe(pieces(second))
      }),
      { numRuns: 300 },
    )
  })

  test("values never stand in the SQL", () => {
    fc.assert(
      fc.property(arbitraryQuery, (statement) => {
        for (const dialect of [sqliteDialect, postgresqlDialect]) {
          const step = compile(statement, dialect).steps[0]
          expect(step.sql).not.toContain("~")
          expect(step.sql).not.toMatch(/\d{6}/)
          const places = step.sql.match(/\?|\$\d+/g) ?? []
          expect("parameters" in step && step.parameters.length).toBe(places.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  test("one shape is one entry, whatever the values and lengths of lists", () => {
    const cache = new StatementCache()
    const run = (ids: ReadonlyArray<number>, name: string) =>
      compile(select(users).where(inArray(users.c.id, ids), eq(users.c.name, name)), postgresqlDialect, { cache })
        .steps[0]
    expect(run([1], "a")).toMatchObject({ parameters: [1, "a"] })
    expect(run([1, 2, 3], "b")).toEqual({
      sql: `SELECT "users"."id", "users"."email", "users"."name", "users"."nick", "users"."joined_at" AS "joinedAt" FROM "users" WHERE "users"."id" IN ($1, $2, $3) AND "users"."name" = $4`,
      parameters: [1, 2, 3, "b"],
    })
    expect(cache.statistics).toEqual({ size: 1, capacity: 500, hits: 1, misses: 1 })
  })

  test("one value in two places is not taken for two values", () => {
    const cache = new StatementCache()
    const shared = literal(7)
    const twice = select({ a: shared, b: shared })
    const apart = select({ a: literal(7), b: literal(8) })
    expect(compile(twice, sqliteDialect, { cache }).steps[0]).toMatchObject({ parameters: [7, 7] })
    expect(compile(apart, sqliteDialect, { cache }).steps[0]).toMatchObject({ parameters: [7, 8] })
  })

  test("tables of one name are not taken for each other", () => {
    const cache = new StatementCache()
    const a = table("same", { id: integer() })
    const b = table("same", { id: text("other") })
    expect(compile(select(a), sqliteDialect, { cache }).steps[0].sql).toBe(`SELECT "same"."id" FROM "same"`)
    expect(compile(select(b), sqliteDialect, { cache }).steps[0].sql).toBe(`SELECT "same"."other" AS "id" FROM "same"`)
  })

  test("statements of every kind are kept", () => {
    const cache = new StatementCache()
    for (let i = 0; i < 3; i++) {
      compile(insert(users).values([{ email: `e${i}`, name: "n" }]), sqliteDialect, { cache })
      compile(
        update(users)
          .set({ name: `n${i}` })
          .where(or(eq(users.c.id, i), gt(users.c.id, i))),
        sqliteDialect,
        { cache },
      )
      compile(textClause("SELECT :a", { a: i }), sqliteDialect, { cache })
      compile(select(count(posts.c.id).as("n")), sqliteDialect, { cache })
    }
    expect(cache.statistics).toEqual({ size: 4, capacity: 500, hits: 8, misses: 4 })
    cache.clear()
    expect(cache.statistics.size).toBe(0)
  })
})

describe("the cache's size", () => {
  test("what was used longest ago goes first", () => {
    const cache = new StatementCache(2)
    const a: Executable<unknown> = select(users.c.id)
    const b: Executable<unknown> = select(users.c.name)
    const c: Executable<unknown> = select(users.c.email)
    for (const statement of [a, b, a, c, a, b]) compile(statement, sqliteDialect, { cache })
    expect(cache.statistics).toEqual({ size: 2, capacity: 2, hits: 2, misses: 4 })
  })

  test("0 keeps nothing", () => {
    const cache = new StatementCache(0)
    for (let i = 0; i < 2; i++) compile(select(users), sqliteDialect, { cache })
    expect(cache.statistics).toEqual({ size: 0, capacity: 0, hits: 0, misses: 2 })
  })

  test("a size that is none is an error", () => {
    for (const bad of [-1, 1.5, Number.NaN]) expect(thrownBy(() => new StatementCache(bad))._tag).toBe("ArgumentError")
  })
})
