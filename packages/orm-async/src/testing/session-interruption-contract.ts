import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect } from "vitest"
import { AsyncSession } from "../effect/async-session.ts"
import { inspect } from "../entity/index.ts"
import { count } from "../expression/index.ts"
import { select, textClause } from "../statement/index.ts"
import { type Contract, failureOf, type TestEnv } from "./contract.ts"
import { Country, countries, Employee, employees } from "./sample-entities.ts"
import { committed, withSession } from "./session-world.ts"

/** The database answers every call before it returns. */
const answersAtOnce = ({ engine }: TestEnv) =>
  Effect.scoped(Effect.map(engine.rawConnection, ({ connection }) => connection.answersAtOnce))

/** Sessions that are interrupted, and sessions that two fibers use at once. */
export const sessionInterruptionContract = ({ test, subject }: Contract): void => {
  describe("interruption", () => {
    test(
      "refuses a second call while one is under way",
      withSession((session, env) =>
        Effect.gen(function* () {
          // Asked before the session takes the connection, which may be the only one.
          const atOnce = yield* answersAtOnce(env)
          const first = yield* Effect.fork(session.execute(textClause(subject.sql.slow)))
          yield* Effect.yieldNow()
          // Where the database answers before the call returns, no call is ever under way when another begins.
          if (atOnce) expect(yield* Fiber.join(first)).toBeDefined()
          else {
            const error = yield* failureOf(session.get(Country, "NO"))
            expect(error).toMatchObject({
              _tag: "IllegalStateChangeError",
              message: expect.stringContaining("execute() is already in progress"),
            })
          }
          yield* Fiber.interrupt(first)
          yield* session.rollback
          expect(yield* session.get(Country, "NO")).toBe(null)
        }),
      ),
    )

    test(
      "of a statement leaves the session to be rolled back",
      withSession((session, env) =>
        Effect.gen(function* () {
          const country = new Country({ code: "NO", name: "Norway" })
          session.add(country)
          yield* session.flush
          const running = yield* Effect.fork(session.execute(textClause(subject.sql.slow)))
          yield* Effect.yieldNow()
          yield* Fiber.interrupt(running)
          yield* session.rollback
          expect(inspect(country).state).toBe("transient")
          session.add(country)
          yield* session.commit
          expect(yield* committed(env, select(count().as("n")).from(countries))).toEqual([{ n: 1 }])
        }),
      ),
    )

    test(
      "of a flush takes back all of it, wherever it comes",
      withSession((session, env) =>
        Effect.gen(function* () {
          for (let turns = 0; turns < 40; turns += 4) {
            const people = Array.from({ length: 2200 }, (_, at) => new Employee({ name: `e${at}` }))
            const boss = people[0] as Employee
            for (const person of people.slice(1100)) person.manager = boss
            session.addAll(people)
            const running = yield* Effect.fork(session.flush)
            for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow()
            const exit = yield* Fiber.interrupt(running)
            if (exit._tag === "Success") expect(inspect(boss).state).toBe("persistent")
            yield* session.rollback
            for (const person of people) expect(inspect(person).state).toBe("transient")
            expect(inspect(boss).values).toEqual({ name: "e0" })
          }
          expect(session.identityMap.size).toBe(0)
          expect(yield* committed(env, select(count().as("n")).from(employees))).toEqual([{ n: 0 }])
        }),
      ),
    )

    test(
      "of a block rolls it back, and the pool loses nothing",
      withSession((session, env) =>
        Effect.gen(function* () {
          for (let round = 0; round < 5; round++) {
            const started = yield* Deferred.make<void>()
            const country = new Country({ code: `C${round}`, name: `country ${round}` })
            const running = yield* Effect.fork(
              session.begin((inside) =>
                Effect.gen(function* () {
                  inside.add(country)
                  yield* inside.flush
                  yield* Deferred.succeed(started, undefined)
                  yield* inside.beginNested(() => Effect.never)
                }),
              ),
            )
            yield* Deferred.await(started)
            yield* Fiber.interrupt(running)
            expect(inspect(country).state).toBe("transient")
            expect(session.inTransaction()).toBe(false)
            expect(yield* session.scalar(select(count().as("n")).from(Country))).toBe(0)
            yield* session.commit
          }
          expect(yield* committed(env, select(countries))).toEqual([])
        }),
      ),
    )

    test(
      "is no way out of a session's scope: what others do with the session fails, and is taken back",
      withSession((_, env) =>
        Effect.gen(function* () {
          for (let turns = 0; turns < 12; turns += 2) {
            const people = Array.from({ length: 2200 }, (_, at) => new Employee({ name: `e${at}` }))
            const left = yield* Effect.scoped(
              Effect.gen(function* () {
                const session = yield* AsyncSession.make(env.engine)
                session.addAll(people)
                const left = yield* Effect.forkDaemon(session.flush)
                for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow()
                return left
              }),
            )
            const exit = yield* Fiber.await(left)
            if (turns === 0) expect(exit._tag).toBe("Failure")
            for (const person of people) expect(inspect(person).state).toBe("transient")
          }
          expect(yield* committed(env, select(count().as("n")).from(employees))).toEqual([{ n: 0 }])
        }),
      ),
    )

    test(
      "of a session's scope gives its connection back",
      withSession((_, env) =>
        Effect.gen(function* () {
          for (let round = 0; round < 3; round++) {
            const started = yield* Deferred.make<void>()
            const running = yield* Effect.fork(
              Effect.scoped(
                Effect.gen(function* () {
                  const session = yield* AsyncSession.make(env.engine)
                  session.add(new Country({ code: "NO", name: "Norway" }))
                  yield* session.flush
                  yield* Deferred.succeed(started, undefined)
                  yield* session.execute(textClause(subject.sql.slow))
                  yield* Effect.never
                }),
              ),
            )
            yield* Deferred.await(started)
            yield* Effect.yieldNow()
            yield* Fiber.interrupt(running)
          }
          expect(yield* committed(env, select(countries))).toEqual([])
        }),
      ),
    )
  })
}
