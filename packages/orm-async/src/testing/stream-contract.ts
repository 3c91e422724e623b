import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect } from "vitest"
import type { AsyncConnection } from "../effect/effect-connection.ts"
import { eq, gt } from "../expression/index.ts"
import { createAll, insert, select, textClause, update } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { authors } from "./sample-tables.ts"

const rowCount = 2_500
const names = Array.from({ length: rowCount }, (_, index) => `author ${index}`)
const ordered = select(authors).orderBy(authors.c.id)
const yieldPer = { executionOptions: { yieldPer: 100 } }

const fill = (conn: AsyncConnection) =>
  Effect.zipRight(
    conn.execute(createAll([authors])),
    conn.execute(insert(authors).values(names.map((name) => ({ name })))),
  )

/** Rows that come bit by bit. */
export const streamContract = ({ subject, test }: Contract): void => {
  const { streams } = subject.driver.capabilities
  // It ends where a driver that reads all of it at once would be out of memory long before.
  const endless = (rows: number) =>
    textClause<{ i: number }>(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n`,
    )

  describe("stream", () => {
    test(
      streams
        ? "reads no further than it is asked to"
        : "reads all of a result, and gives as much of it as is asked for",
      ({ engine }) =>
        Effect.gen(function* () {
          const conn = yield* engine.connect
          const stream = conn.stream(endless(streams ? 2_000_000_000 : 1_000), undefined, yieldPer)
          const rows = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(stream, 250)))
          expect(rows.map((row) => row.i)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1))
          expect((yield* conn.execDriverSql("SELECT 1 AS a")).all()).toEqual([{ a: 1 }])
        }),
    )

    test("gives all rows in order, whatever the size of a batch", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* fill(conn)
          for (const size of [1_000, 7, rowCount, rowCount + 1]) {
            const stream = conn.stream(ordered, undefined, { executionOptions: { yieldPer: size } })
            const rows = Chunk.toReadonlyArray(yield* Stream.runCollect(stream))
            expect(rows.map((row) => row.name)).toEqual(names)
          }
        }),
      ))

    test("gives nothing for a query that finds nothing", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* fill(conn)
          const none = conn.stream(ordered.where(eq(authors.c.id, -1)), undefined, yieldPer)
          expect(Chunk.size(yield* Stream.runCollect(none))).toBe(0)
        }),
      ))

    test("leaves the connection usable when it is abandoned midway, fails or is interrupted", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* fill(conn)
          const stream = conn.stream(ordered, undefined, yieldPer)
          const first = yield* Stream.runCollect(Stream.take(stream, 3))
          expect(Chunk.toReadonlyArray(first).map((row) => row.name)).toEqual(names.slice(0, 3))
          const failed = yield* failureOf(
            Stream.runForEach(stream, (row) => (row.id === 150 ? Effect.fail("enough") : Effect.void)),
          )
          expect(failed).toBe("enough")
          const interrupted = yield* Effect.exit(
            Stream.runForEach(stream, (row) => (row.id === 150 ? Effect.interrupt : Effect.void)),
          )
          expect(interrupted._tag).toBe("Failure")
          expect((yield* conn.execute(ordered)).all()).toHaveLength(rowCount)
        }),
      ))

    test("lets other statements run on its connection between two batches", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* fill(conn)
          yield* Stream.runForEach(
            conn.stream(ordered.limit(20), undefined, { executionOptions: { yieldPer: 5 } }),
            (row) => conn.execute(update(authors).set({ born: row.id }).where(eq(authors.c.id, row.id))),
          )
          const born = yield* conn.scalars(select(authors.c.born).where(gt(authors.c.born, 0)).orderBy(authors.c.id))
          expect(born.all()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
        }),
      ))

    test("fails typed when its statement is wrong", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const error = yield* failureOf(Stream.runDrain(conn.stream(ordered)))
        expect(error._tag).toBe("ProgrammingError")
        yield* conn.rollback
        expect((yield* conn.execDriverSql("SELECT 1 AS a")).all()).toEqual([{ a: 1 }])
      }))

    test("gives the rows that a change returns", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* fill(conn)
          const returning = update(authors).set({ born: 1 }).where(gt(authors.c.id, 0)).returning(authors.c.id)
          const rows = yield* Stream.runCollect(conn.stream(returning, undefined, yieldPer))
          expect(Chunk.size(rows)).toBe(rowCount)
        }),
      ))

    test("works outside of transactions", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin(fill)
        const conn = yield* engine.connect
        yield* conn.executionOptions({ isolationLevel: "AUTOCOMMIT" })
        const rows = yield* Stream.runCollect(conn.stream(ordered, undefined, yieldPer))
        expect(Chunk.toReadonlyArray(rows).map((row) => row.name)).toEqual(names)
        expect(conn.inTransaction()).toBe(false)
      }))
  })
}
