import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect } from "vitest"
import { textClause } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"

const one = textClause("SELECT 1")

/** Tests how connections are shared. */
export const poolContract = ({ subject, test }: Contract): void => {
  describe("pool", () => {
    test("uses a connection again", ({ engine }) =>
      Effect.gen(function* () {
        for (let round = 0; round < 5; round++) {
          expect(yield* engine.begin((conn) => conn.scalar(one))).toBe(1)
        }
        expect(engine.pool.statistics().opened).toBe(1)
      }))

    test(
      "fails typed, and says what to do, when all connections are in use for too long",
      ({ engine }) =>
        Effect.gen(function* () {
          yield* engine.connect
          const error = yield* failureOf(Effect.scoped(engine.connect))
          expect(error._tag).toBe("TimeoutError")
          expect(engine.pool.statistics()).toMatchObject({ checkedOut: 1, waiting: 0 })
        }),
      { poolSize: 1, maxOverflow: 0, poolTimeout: 0 },
    )

    test(
      "hands a connection on to those who wait, in their order",
      ({ engine }) =>
        Effect.gen(function* () {
          const order: Array<number> = []
          const release = yield* Deferred.make<void>()
          const holder = yield* Effect.fork(Effect.scoped(Effect.zipRight(engine.connect, Deferred.await(release))))
          yield* Effect.repeat(Effect.yieldNow(), { until: () => engine.pool.statistics().checkedOut === 1 })
          const waiters: Array<Fiber.Fiber<unknown, unknown>> = []
          for (const turn of [1, 2, 3]) {
            const waiter = Effect.scoped(Effect.tap(engine.connect, () => order.push(turn)))
            waiters.push(yield* Effect.fork(waiter))
            yield* Effect.repeat(Effect.yieldNow(), { until: () => engine.pool.statistics().waiting === turn })
          }
          yield* Deferred.succeed(release, undefined)
          yield* Fiber.join(holder)
          for (const waiter of waiters) yield* Fiber.join(waiter)
          expect(order).toEqual([1, 2, 3])
        }),
      { poolSize: 1, maxOverflow: 0 },
    )

    test("rolls back what was left open before a connection is used again", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) => conn.execDriverSql("CREATE TABLE t (a INTEGER)"))
        yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("INSERT INTO t VALUES (1)")))
        const left = yield* engine.begin((conn) => conn.execDriverSql("SELECT a FROM t"))
        expect(left.all()).toEqual([])
        expect(engine.pool.statistics().opened).toBe(1)
      }))

    test(
      "finds out that an idle connection is gone before it hands it out",
      ({ engine }) =>
        Effect.gen(function* () {
          expect(yield* engine.begin((conn) => conn.scalar(one))).toBe(1)
          expect(yield* engine.begin((conn) => conn.scalar(one))).toBe(1)
        }),
      { poolPrePing: true },
    )

    test("replaces a connection that was invalidated", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.scalar(one)
        yield* conn.invalidate
        expect(conn.invalidated).toBe(true)
        yield* conn.rollback
        expect(yield* conn.scalar(one)).toBe(1)
      }))

    const { connectionId, kill } = subject.sql
    if (connectionId !== undefined && kill !== undefined) {
      test("tells that a connection was lost, and gives another one to whoever comes next", ({ engine, open }) =>
        Effect.gen(function* () {
          const other = yield* open()
          const conn = yield* engine.connect
          const id = yield* conn.scalar(textClause(connectionId))
          yield* other.begin((killer) => killer.execDriverSql(kill(id)))
          const error = yield* failureOf(conn.scalar(one))
          expect(error).toMatchObject({ _tag: "OperationalError", isDisconnect: true })
          expect(conn.invalidated).toBe(true)
          yield* conn.rollback
          expect(yield* conn.scalar(one)).toBe(1)
          expect(yield* conn.scalar(textClause(connectionId))).not.toBe(id)
        }))

      test("never goes on in another session in the middle of a transaction", ({ engine, open }) =>
        Effect.gen(function* () {
          const other = yield* open()
          yield* engine.begin((conn) => conn.execDriverSql("CREATE TABLE t (a INTEGER)"))
          const conn = yield* engine.connect
          yield* conn.execDriverSql("INSERT INTO t VALUES (1)")
          const id = yield* conn.scalar(textClause(connectionId))
          yield* other.begin((killer) => killer.execDriverSql(kill(id)))
          const second = conn.execDriverSql("INSERT INTO t VALUES (2)")
          expect(yield* failureOf(second)).toMatchObject({ isDisconnect: true })
          expect((yield* failureOf(second))._tag).toBe("PendingRollbackError")
          yield* conn.rollback
          expect((yield* conn.execDriverSql("SELECT a FROM t")).all()).toEqual([])
        }))

      test(
        "replaces dead connections without the program's notice when it asks before use",
        ({ engine, open }) =>
          Effect.gen(function* () {
            const other = yield* open()
            const id = yield* engine.begin((conn) => conn.scalar(textClause(connectionId)))
            yield* other.begin((killer) => killer.execDriverSql(kill(id)))
            expect(yield* engine.begin((conn) => conn.scalar(one))).toBe(1)
          }),
        { poolPrePing: true },
      )
    }
  })
}
