import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { describe, expect } from "vitest"
import type { AsyncEngine } from "../effect/async-engine.ts"
import { count } from "../expression/index.ts"
import { createAll, insert, select, textClause } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { authors } from "./sample-tables.ts"

const one = textClause("SELECT 1")

/** Lets other fibers run for so many turns. */
const turns = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => Effect.yieldNow(), { discard: true })

/** After whatever happened, every slot of the pool can be had and every connection works. */
const expectUsable = (engine: AsyncEngine) =>
  Effect.gen(function* () {
    const { size, maxOverflow } = engine.pool.statistics()
    const slots = Array.from({ length: size + maxOverflow })
    const answers = yield* Effect.scoped(
      Effect.gen(function* () {
        const connections = yield* Effect.forEach(slots, () => engine.connect)
        return yield* Effect.forEach(connections, (conn) => conn.scalar(one), { concurrency: "unbounded" })
      }),
    )
    expect(answers).toEqual(slots.map(() => 1))
  })

/** Interruption, wherever it strikes. */
export const interruptionContract = ({ subject, test }: Contract): void => {
  const { cancelsRunningStatement } = subject.driver.capabilities
  const slow = textClause(subject.sql.slow)
  const options = { poolSize: subject.singleConnection === true ? 1 : 2, maxOverflow: 0 }

  describe("interruption", () => {
    test(
      cancelsRunningStatement
        ? "stops the statement that runs"
        : "leaves the statement that runs to its end, and then goes on",
      ({ engine }) =>
        Effect.gen(function* () {
          const conn = yield* engine.connect
          const fiber = yield* Effect.fork(conn.execute(slow))
          yield* turns(20)
          const exit = yield* Fiber.interrupt(fiber)
          if (Exit.isSuccess(exit)) expect(cancelsRunningStatement || subject.placement === "worker").toBe(false)
          else expect(Cause.isInterruptedOnly(exit.cause)).toBe(true)
          yield* conn.rollback
          expect(yield* conn.scalar(one)).toBe(1)
        }),
      options,
    )

    test(
      "accepts nothing but a rollback after a statement whose outcome nobody knows",
      ({ engine }) =>
        Effect.gen(function* () {
          yield* engine.begin((conn) => conn.execute(createAll([authors])))
          const conn = yield* engine.connect
          yield* conn.execute(insert(authors).values({ name: "ann" }))
          const fiber = yield* Effect.fork(conn.execute(slow))
          yield* turns(20)
          const exit = yield* Fiber.interrupt(fiber)
          if (Exit.isFailure(exit)) {
            const error = yield* failureOf(conn.execute(insert(authors).values({ name: "bo" })))
            expect(error._tag).toBe("PendingRollbackError")
          }
          yield* conn.rollback
          expect(yield* conn.scalar(select({ n: count() }).from(authors))).toBe(0)
        }),
      options,
    )

    test(
      "rolls back the transaction that it strikes, however far that has come",
      ({ engine }) =>
        Effect.gen(function* () {
          yield* engine.begin((conn) => conn.execute(createAll([authors])))
          let committed = 0
          for (let point = 0; point < 60; point++) {
            const program = engine.begin((conn) =>
              Effect.gen(function* () {
                yield* conn.execute(insert(authors).values({ name: `${point} a` }))
                yield* conn.beginNested(() => conn.execute(insert(authors).values({ name: `${point} b` })))
                yield* conn.execute(select(authors))
                yield* conn.execute(insert(authors).values({ name: `${point} c` }))
              }),
            )
            const fiber = yield* Effect.fork(program)
            yield* turns(point)
            const exit = yield* Fiber.interrupt(fiber)
            if (Exit.isSuccess(exit)) committed++
            else expect(Cause.failureOption(exit.cause)).toEqual(Option.none())
          }
          const rows = yield* engine.begin((conn) => conn.execute(select(authors)))
          const points = Map.groupBy(rows.all(), (row) => row.name.split(" ")[0])
          // A commit that was under way when the interruption came is waited for, so there can be more than were told.
          expect(points.size).toBeGreaterThanOrEqual(committed)
          for (const [point, group] of points) expect(group, `transaction ${point}`).toHaveLength(3)
          yield* expectUsable(engine)
        }),
      options,
    )

    test(
      "loses no slot of the pool when it strikes those who connect, wait and give back",
      ({ engine }) =>
        Effect.gen(function* () {
          for (let round = 0; round < 15; round++) {
            const fibers = yield* Effect.forEach([1, 2, 3, 4, 5, 6], () =>
              Effect.fork(Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execute(one)))),
            )
            yield* turns(round * 3)
            yield* Fiber.interruptAll(fibers)
          }
          yield* expectUsable(engine)
        }),
      options,
    )

    test(
      "loses no slot when timeouts nest and strike twice",
      ({ engine }) =>
        Effect.gen(function* () {
          const statement = Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execute(slow)))
          const twice = statement.pipe(Effect.timeout("5 millis"), Effect.timeout("10 millis"), Effect.exit)
          yield* Effect.forEach([1, 2, 3], () => twice, { concurrency: "unbounded" })
          yield* expectUsable(engine)
        }),
      options,
    )
  })
}
