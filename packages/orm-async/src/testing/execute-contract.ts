import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { add, and, asc, bindparam, count, desc, eq, gt } from "../expression/index.ts"
import { integer, table, text } from "../schema/index.ts"
import { createAll, deleteFrom, insert, select, textClause, update } from "../statement/index.ts"
import type { Contract } from "./contract.ts"
import { authors, books } from "./sample-tables.ts"

const people = Array.from({ length: 50 }, (_, index) => ({ id: index + 1, name: `author ${index + 1}` }))

/** Tests what statements do and return. */
export const executeContract = ({ subject, test }: Contract): void => {
  const { dialect } = subject.driver
  const placeholders = (count: number): string =>
    Array.from({ length: count }, (_, index) => dialect.placeholder(index + 1)).join(", ")

  describe("execute", () => {
    test("inserts, selects, updates and deletes, and counts the rows", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const inserted = yield* conn.execute(insert(authors).values({ name: "ann", born: 1970 }))
          expect(inserted).toMatchObject({ rowCount: 1, returnsRows: false })
          yield* conn.execute(insert(authors).values({ name: "bo" }))
          const rows = (yield* conn.execute(select(authors).orderBy(asc(authors.c.id)))).all()
          expect(rows).toEqual([
            { id: 1, name: "ann", born: 1970 },
            { id: 2, name: "bo", born: null },
          ])
          const updated = yield* conn.execute(update(authors).set({ born: 1980 }).where(gt(authors.c.id, 0)))
          expect(updated.rowCount).toBe(2)
          const deleted = yield* conn.execute(deleteFrom(authors).where(eq(authors.c.name, "ann")))
          expect(deleted.rowCount).toBe(1)
          expect((yield* conn.execute(deleteFrom(authors).where(eq(authors.c.id, 99)))).rowCount).toBe(0)
          expect(yield* conn.scalar(select({ n: count() }).from(authors))).toBe(1)
        }),
      ))

    test("takes a column named like a member of every object for what it is", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const odd = table("odd", {
            id: integer().primaryKey(),
            constructor: text().nullable(),
            toString: text().default("as it is"),
          })
          yield* conn.execute(createAll([odd]))
          // To the compiler every object has such members already, of other types.
          const rows: ReadonlyArray<object> = [{ id: 1 }, { id: 2, constructor: "a" }, { id: 3, toString: "b" }]
          yield* conn.execute(insert(odd).values(rows as ReadonlyArray<never>))
          yield* conn.execute(
            update(odd)
              .set({ constructor: "c" } as never)
              .where(eq(odd.c.id, 3)),
          )
          expect((yield* conn.execute(select(odd).orderBy(asc(odd.c.id)))).all()).toEqual([
            { id: 1, constructor: null, toString: "as it is" },
            { id: 2, constructor: "a", toString: "as it is" },
            { id: 3, constructor: "c", toString: "b" },
          ])
          const names = ["hasOwnProperty", "__proto__", "valueOf"]
          for (const name of names) {
            const values = Object.fromEntries([[name, 1]])
            expect(() => update(odd).set(values as never)).toThrow(expect.objectContaining({ _tag: "StatementError" }))
          }
        }),
      ))

    test("takes a list without elements in SQL of the program's own: nothing is in it, and all is not in it", ({
      engine,
    }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          yield* conn.execute(insert(authors).values([{ name: "ann" }, { name: "bo" }]))
          const found = (condition: string, ids: ReadonlyArray<number>) =>
            conn.scalar(textClause(`SELECT count(*) FROM authors WHERE ${condition}`), { ids })
          for (const [condition, count] of [
            ["id IN (:ids)", 0],
            ["id NOT IN (:ids)", 2],
            ["NOT id IN (:ids)", 2],
            ["NOT (id NOT IN (:ids))", 0],
            ["id IN (:ids) OR name = 'bo'", 1],
            ["name = 'bo' AND id NOT IN (:ids)", 1],
          ] as const) {
            expect(Number(yield* found(condition, [])), condition).toBe(count)
          }
          expect(Number(yield* found("id NOT IN (:ids)", [1]))).toBe(1)
        }),
      ))

    test("ignores rows of a query that are there already", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          yield* conn.execute(
            insert(authors).values([
              { id: 1, name: "ann" },
              { id: 2, name: "bo" },
            ]),
          )
          const again = select({ id: authors.c.id, name: authors.c.name })
          const ignored = insert(authors).fromSelect(["id", "name"], again).onConflictDoNothing()
          expect((yield* conn.execute(ignored)).rowCount).toBe(0)
          const changed = insert(authors)
            .fromSelect(["id", "name"], again.where(eq(authors.c.id, 2)).orderBy(asc(authors.c.id)).limit(1))
            .onConflictDoUpdate({ target: [authors.c.id], set: { name: "new" } })
          yield* conn.execute(changed)
          const names = yield* conn.scalars(select(authors.c.name).orderBy(asc(authors.c.id)))
          expect(names.all()).toEqual(["ann", "new"])
        }),
      ))

    test("groups by an expression with values, which is selected", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          yield* conn.execute(insert(authors).values([{ name: "a", born: 1 }, { name: "b", born: 1 }, { name: "c" }]))
          const next = add(authors.c.born, 1)
          const grouped = select({ name: next, n: count() }).from(authors).groupBy(next).orderBy(desc(count()))
          expect((yield* conn.execute(grouped)).all()).toEqual([
            { name: 2, n: 2 },
            { name: null, n: 1 },
          ])
        }),
      ))

    test("refuses integers that not every database can store in their type", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          for (const born of [2 ** 31, -(2 ** 31) - 1, 5e9]) {
            const error = yield* Effect.flip(conn.execute(insert(authors).values({ name: "ann", born })))
            expect(error).toMatchObject({ _tag: "StatementError" })
            expect(error.message).toContain("does not fit in 32 bits")
          }
          yield* conn.execute(insert(authors).values({ name: "ann", born: 2 ** 31 - 1 }))
          expect(yield* conn.scalar(select(authors.c.born))).toBe(2 ** 31 - 1)
        }),
      ))

    test("returns the rows of a batch in the order of its values", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const shuffled = people.toSorted((a, b) => ((a.id * 7) % 50) - ((b.id * 7) % 50))
          const result = yield* conn.execute(
            insert(authors)
              .values(shuffled.map(({ name }) => ({ name })))
              .returning(authors.c.id, authors.c.name),
          )
          expect(result.rowCount).toBe(50)
          expect(result.all().map((row) => row.name)).toEqual(shuffled.map((row) => row.name))
        }),
      ))

    test("keeps the order of a batch whose rows give different columns", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const values = [
            { id: 10, name: "a", born: 1 },
            { id: 3, name: "b" },
            { id: 7, name: "c" },
            { id: 1, name: "d", born: 4 },
          ]
          const result = yield* conn.execute(insert(authors).values(values).returning())
          expect(result.all()).toEqual(values.map((row) => ({ born: null, ...row })))
        }),
      ))

    test("runs a statement once for each set of parameters", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          yield* conn.execute(insert(authors).values(people))
          const statement = update(authors)
            .set({ born: bindparam("year") })
            .where(eq(authors.c.id, bindparam("who")))
          const updated = yield* conn.execute(statement, [
            { who: 1, year: 1901 },
            { who: 2, year: 1902 },
            { who: 99, year: 1999 },
          ])
          expect(updated.rowCount).toBe(2)
          const born = yield* conn.scalars(select(authors.c.born).where(gt(authors.c.born, 0)).orderBy(authors.c.id))
          expect(born.all()).toEqual([1901, 1902])
        }),
      ))

    test("joins, and leaves NULL where an outer join finds nothing", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors, books]))
          yield* conn.execute(insert(authors).values(people.slice(0, 3)))
          yield* conn.execute(
            insert(books).values([
              { authorId: 1, title: "one" },
              { authorId: 1, title: "two", pages: 7 },
              { authorId: 3, title: "three" },
            ]),
          )
          const inner = select({ title: books.c.title, author: authors.c.name })
            .from(books)
            .join(authors)
            .where(and(gt(books.c.pages, 1), eq(authors.c.id, 1)))
            .orderBy(books.c.id)
          expect((yield* conn.execute(inner)).all()).toEqual([
            { title: "one", author: "author 1" },
            { title: "two", author: "author 1" },
          ])
          const outer = select({ author: authors, book: books })
            .from(authors)
            .outerJoin(books)
            .orderBy(authors.c.id, books.c.id)
          const rows = (yield* conn.execute(outer)).all()
          expect(rows.map((row) => [row.author.id, row.book?.title ?? null])).toEqual([
            [1, "one"],
            [1, "two"],
            [2, null],
            [3, "three"],
          ])
        }),
      ))

    test("takes plain SQL with the driver's placeholders, once or for many sets", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const sql = `INSERT INTO authors (id, name) VALUES (${placeholders(2)})`
          yield* conn.execDriverSql(sql, [1, "ann"])
          const many = yield* conn.execDriverSql(sql, [
            [2, "bo"],
            [3, "cy"],
          ])
          expect(many.rowCount).toBe(2)
          const result = yield* conn.execDriverSql("SELECT name, id FROM authors ORDER BY id")
          expect(result.keys).toEqual(["name", "id"])
          expect(result.all()).toEqual([
            { name: "ann", id: 1 },
            { name: "bo", id: 2 },
            { name: "cy", id: 3 },
          ])
        }),
      ))

    test("gives columns of the same name each by their place", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const result = yield* conn.execDriverSql("SELECT 1 AS a, 2 AS a, 3 AS b")
        expect(result.tuples().all()).toEqual([[1, 2, 3]])
      }))

    test("gives no rows and no error for a query that finds nothing", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const result = yield* conn.execDriverSql("SELECT 1 AS a WHERE 1 = 0")
        expect(result).toMatchObject({ returnsRows: true, rowCount: 0, keys: ["a"] })
        expect(result.all()).toEqual([])
      }))

    test("keeps values out of the SQL, whatever they hold", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const name = `'; DROP TABLE authors; -- "?" $1 :x \\ %s`
          yield* conn.execute(insert(authors).values({ name }))
          expect(yield* conn.scalar(select(authors.c.name).where(eq(authors.c.name, name)))).toBe(name)
        }),
      ))

    test("runs the same statement again after its table has changed", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const rows = conn.execDriverSql("SELECT * FROM changing")
          yield* conn.execDriverSql("CREATE TABLE changing (a INTEGER)")
          yield* conn.execDriverSql("INSERT INTO changing VALUES (1)")
          expect((yield* rows).all()).toEqual([{ a: 1 }])
          yield* conn.execDriverSql("DROP TABLE changing")
          yield* conn.execDriverSql("CREATE TABLE changing (a TEXT, b INTEGER)")
          yield* conn.execDriverSql("INSERT INTO changing VALUES ('x', 2)")
          expect((yield* Effect.either(rows))._tag).toBe("Right")
        }),
      ))

    test("runs textual SQL with named parameters", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const statement = textClause<{ a: string; b: string }>("SELECT CAST(:a AS TEXT) AS a, CAST(:b AS TEXT) AS b")
        const result = yield* conn.execute(statement.bindparams({ a: "1", b: "2" }))
        expect(result.all()).toEqual([{ a: "1", b: "2" }])
      }))
  })
}
