import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describe, expect } from "vitest"
import type { AsyncEngine } from "../effect/async-engine.ts"
import { count } from "../expression/index.ts"
import { createAll, insert, select } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { authors } from "./sample-tables.ts"

const prepare = (engine: AsyncEngine) => engine.begin((conn) => conn.execute(createAll([authors])))

const countIn = (engine: AsyncEngine) => engine.begin((conn) => conn.scalar(select({ n: count() }).from(authors)))

/** Commit as you go, begin once, AUTOCOMMIT, isolation levels. */
export const transactionContract = ({ subject, test }: Contract): void => {
  const { capabilities } = subject.driver

  describe("transaction", () => {
    test("commits as you go", ({ engine }) =>
      Effect.gen(function* () {
        yield* prepare(engine)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const conn = yield* engine.connect
            expect(conn.inTransaction()).toBe(false)
            yield* conn.execute(insert(authors).values({ name: "ann" }))
            expect(conn.inTransaction()).toBe(true)
            yield* conn.commit
            expect(conn.inTransaction()).toBe(false)
            yield* conn.execute(insert(authors).values({ name: "bo" }))
            yield* conn.rollback
            yield* conn.execute(insert(authors).values({ name: "cy" }))
          }),
        )
        expect(yield* countIn(engine)).toBe(1)
      }))

    test("commits a block that succeeds and rolls back one that fails", ({ engine }) =>
      Effect.gen(function* () {
        yield* prepare(engine)
        expect(
          yield* engine.begin((conn) => Effect.as(conn.execute(insert(authors).values({ name: "ann" })), "done")),
        ).toBe("done")
        const failed = yield* failureOf(
          engine.begin((conn) =>
            Effect.zipRight(conn.execute(insert(authors).values({ name: "bo" })), Effect.fail("no")),
          ),
        )
        expect(failed).toBe("no")
        expect(yield* countIn(engine)).toBe(1)
      }))

    test("rolls back a block that dies", ({ engine }) =>
      Effect.gen(function* () {
        yield* prepare(engine)
        const exit = yield* Effect.exit(
          engine.begin((conn) =>
            Effect.zipRight(conn.execute(insert(authors).values({ name: "bo" })), Effect.die("bug")),
          ),
        )
        expect(Exit.isFailure(exit)).toBe(true)
        expect(yield* countIn(engine)).toBe(0)
      }))

    test("shows its own changes to itself", ({ engine }) =>
      Effect.gen(function* () {
        yield* prepare(engine)
        yield* engine.begin((conn) =>
          Effect.gen(function* () {
            yield* conn.execute(insert(authors).values({ name: "ann" }))
            expect(yield* conn.scalar(select({ n: count() }).from(authors))).toBe(1)
          }),
        )
      }))

    if (subject.singleConnection !== true) {
      test("hides changes from others until it commits", ({ engine }) =>
        Effect.gen(function* () {
          yield* prepare(engine)
          const writer = yield* engine.connect
          yield* writer.execute(insert(authors).values({ name: "ann" }))
          expect(yield* countIn(engine)).toBe(0)
          yield* writer.commit
          expect(yield* countIn(engine)).toBe(1)
        }))
    }

    test("makes each statement permanent at once under AUTOCOMMIT", ({ engine }) =>
      Effect.gen(function* () {
        yield* prepare(engine)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const conn = yield* engine.connect
            yield* conn.executionOptions({ isolationLevel: "AUTOCOMMIT" })
            yield* conn.execute(insert(authors).values({ name: "ann" }))
            expect(conn.inTransaction()).toBe(false)
            yield* conn.rollback
          }),
        )
        expect(yield* countIn(engine)).toBe(1)
      }))

    test("writes all of a batch or none of it, under AUTOCOMMIT as well", ({ engine }) =>
      Effect.gen(function* () {
        yield* prepare(engine)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const conn = yield* engine.connect
            yield* conn.executionOptions({ isolationLevel: "AUTOCOMMIT" })
            const names = ["a", "b", "a"].map((name) => ({ name }))
            const error = yield* failureOf(conn.execute(insert(authors).values(names)))
            expect(error._tag).toBe("IntegrityError")
            yield* conn.execute(insert(authors).values([{ name: "a" }, { name: "b" }]))
          }),
        )
        expect(yield* countIn(engine)).toBe(2)
      }))

    for (const isolationLevel of capabilities.isolationLevels) {
      test(`begins at the isolation level ${isolationLevel}`, ({ engine }) =>
        Effect.gen(function* () {
          yield* prepare(engine)
          yield* Effect.scoped(
            Effect.gen(function* () {
              const conn = yield* engine.connect
              yield* conn.executionOptions({ isolationLevel })
              yield* conn.execute(insert(authors).values({ name: "ann" }))
              expect(yield* conn.getIsolationLevel).toBe(isolationLevel)
              yield* conn.commit
            }),
          )
          expect(yield* countIn(engine)).toBe(1)
        }))
    }

    test("refuses an isolation level that it does not declare", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const error = yield* failureOf(conn.executionOptions({ isolationLevel: "CHAOS" }))
        expect(error._tag).toBe("ArgumentError")
        for (const level of capabilities.isolationLevels) expect(error.message).toContain(level)
      }))

    test(`${capabilities.transactionalDdl ? "takes back" : "keeps"} tables that a rolled back transaction made`, ({
      engine,
    }) =>
      Effect.gen(function* () {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const conn = yield* engine.connect
            yield* conn.execute(createAll([authors]))
            yield* conn.rollback
          }),
        )
        const outcome = yield* Effect.either(countIn(engine))
        expect(outcome._tag).toBe(capabilities.transactionalDdl ? "Left" : "Right")
      }))

    test("reports a refused commit, rolls back and stays usable", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) =>
          Effect.gen(function* () {
            yield* conn.execDriverSql("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
            yield* conn.execDriverSql(
              "CREATE TABLE children (id INTEGER PRIMARY KEY REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
            )
          }),
        )
        const conn = yield* engine.connect
        yield* conn.execDriverSql("INSERT INTO children VALUES (1)")
        const error = yield* failureOf(conn.commit)
        expect(error._tag).toBe("IntegrityError")
        yield* conn.rollback
        const left = yield* conn.execDriverSql("SELECT id FROM children")
        expect(left.all()).toEqual([])
        yield* conn.rollback
      }))
  })
}
