import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { describe, expect } from "vitest"
import { AsyncSession, asyncSessionMaker } from "../effect/async-session.ts"
import { inspect } from "../entity/index.ts"
import { count } from "../expression/index.ts"
import { createAll, insert, select } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { City, Country, cities, countries, Employee, worldTables } from "./sample-entities.ts"
import { commitNorway, committed, makeNorway, withSession } from "./session-world.ts"

/** Transactions of a session, and what they do to its objects. */
export const sessionTransactionContract = ({ test, subject }: Contract): void => {
  describe("transactions", () => {
    test(
      "begin with the first use, and end by commit, rollback or close",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          expect(session.inTransaction()).toBe(false)
          session.add(new Country({ code: "NO", name: "Norway" }))
          expect(session.inTransaction()).toBe(true)
          expect(engine.pool.statistics().checkedOut).toBe(0)
          yield* session.flush
          expect(engine.pool.statistics().checkedOut).toBe(1)
          yield* session.commit
          expect(session.inTransaction()).toBe(false)
          yield* session.scalar(select(count().as("n")).from(Country))
          yield* session.close
          expect(session.identityMap.size).toBe(0)
          expect(session.inTransaction()).toBe(false)
          expect(yield* session.scalar(select(count().as("n")).from(Country))).toBe(1)
        }),
      ),
    )

    test(
      "put objects back on rollback: new, changed and deleted ones",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo, drammen, norway, viken } = yield* commitNorway(session)
          const sweden = new Country({ code: "SE", name: "Sweden" })
          const lund = new City({ name: "Lund", country: sweden })
          session.add(lund)
          oslo.name = "first"
          oslo.country = sweden
          session.delete(drammen)
          yield* session.flush
          oslo.name = "second"
          session.add(new Employee({ name: "never" }))
          expect(inspect(lund).state).toBe("persistent")
          yield* session.rollback

          expect(session.new.size + session.dirty.size + session.deleted.size).toBe(0)
          expect(inspect(lund).state).toBe("transient")
          expect(inspect(sweden).state).toBe("transient")
          expect(inspect(lund).values).toEqual({ name: "Lund", countryCode: "SE" })
          expect(lund.country).toBe(sweden)
          expect(inspect(drammen).state).toBe("persistent")
          expect(oslo.name).toBe("Oslo")
          expect(oslo.countryCode).toBe("NO")
          expect(oslo.country).toBe(norway)
          expect(drammen.region).toBe(viken)

          session.add(lund)
          session.delete(drammen)
          yield* session.commit
          const names = yield* committed(env, select(cities.c.name).orderBy(cities.c.name))
          expect(names).toEqual([{ name: "Lund" }, { name: "Oslo" }])
        }),
      ),
    )

    test(
      "run a block, commit it, and roll it back when it fails",
      withSession((session, env) =>
        Effect.gen(function* () {
          const answer = yield* session.begin((inside) =>
            Effect.sync(() => {
              inside.add(new Country({ code: "NO", name: "Norway" }))
              return 42
            }),
          )
          expect(answer).toBe(42)
          const country = new Country({ code: "SE", name: "Sweden" })
          const failed = session.begin((inside) =>
            Effect.gen(function* () {
              inside.add(country)
              yield* inside.flush
              return yield* Effect.fail("no" as const)
            }),
          )
          expect(yield* failureOf(failed)).toBe("no")
          expect(inspect(country).state).toBe("transient")
          expect(yield* committed(env, select(countries.c.code))).toEqual([{ code: "NO" }])
          session.add(country)
          const error = yield* failureOf(session.begin(() => Effect.void))
          expect(error._tag).toBe("InvalidRequestError")
        }),
      ),
    )

    test(
      "that a block has ended accept nothing more in the block",
      withSession((session) =>
        Effect.gen(function* () {
          const error = yield* failureOf(
            session.begin((inside) =>
              Effect.gen(function* () {
                inside.add(new Country({ code: "NO", name: "Norway" }))
                yield* inside.commit
                yield* inside.execute(select(Country))
              }),
            ),
          )
          expect(error).toMatchObject({
            _tag: "InvalidRequestError",
            message: expect.stringContaining("Can't operate on closed transaction inside context manager"),
          })
          expect(yield* session.scalar(select(count().as("n")).from(Country))).toBe(1)
        }),
      ),
    )

    test(
      "nest in savepoints, which put back their own objects only",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo } = yield* commitNorway(session)
          const outer = new Country({ code: "SE", name: "Sweden" })
          const inner = new Country({ code: "DK", name: "Denmark" })
          oslo.name = "outer"
          session.add(outer)
          const failed = session.beginNested((nested) =>
            Effect.gen(function* () {
              expect(session.inNestedTransaction()).toBe(true)
              oslo.name = "inner"
              nested.add(inner)
              yield* nested.flush
              return yield* Effect.fail("no" as const)
            }),
          )
          expect(yield* failureOf(failed)).toBe("no")
          expect(session.inNestedTransaction()).toBe(false)
          expect(oslo.name).toBe("outer")
          expect(inspect(inner).state).toBe("transient")
          expect(inspect(outer).state).toBe("persistent")
          yield* session.beginNested((nested) => Effect.sync(() => nested.add(inner)))
          yield* session.commit
          const codes = (yield* committed(env, select(countries.c.code).orderBy(countries.c.code))).map(
            ({ code }) => code,
          )
          expect(codes).toEqual(["DK", "NO", "SE"])
          expect(yield* committed(env, select(cities.c.name).orderBy(cities.c.name))).toEqual([
            { name: "Drammen" },
            { name: "outer" },
          ])
        }),
      ),
    )

    test(
      "that a failed flush has rolled back ask for a rollback",
      withSession((session, env) =>
        Effect.gen(function* () {
          yield* commitNorway(session)
          const duplicate = new Country({ code: "N2", name: "Norway" })
          session.add(duplicate)
          expect((yield* failureOf(session.flush))._tag).toBe("IntegrityError")
          expect(session.isActive).toBe(false)
          expect(inspect(duplicate).state).toBe("transient")
          for (const attempt of [
            session.flush,
            session.commit,
            session.get(Country, "N2"),
            session.execute(select(Country)),
          ]) {
            expect((yield* failureOf(attempt))._tag).toBe("PendingRollbackError")
          }
          yield* session.rollback
          expect(session.isActive).toBe(true)
          duplicate.name = "New Norway"
          session.add(duplicate)
          yield* session.commit
          expect(yield* committed(env, select(count().as("n")).from(countries))).toEqual([{ n: 2 }])
        }),
      ),
    )

    test(
      "go on after a flush that failed inside a savepoint",
      withSession((session, env) =>
        Effect.gen(function* () {
          yield* commitNorway(session)
          session.add(new Country({ code: "SE", name: "Sweden" }))
          const error = yield* failureOf(
            session.beginNested((nested) => Effect.sync(() => nested.add(new Country({ code: "N2", name: "Norway" })))),
          )
          expect(error._tag).toBe("IntegrityError")
          session.add(new Country({ code: "DK", name: "Denmark" }))
          yield* session.commit
          const codes = (yield* committed(env, select(countries.c.code).orderBy(countries.c.code))).map(
            ({ code }) => code,
          )
          expect(codes).toEqual(["DK", "NO", "SE"])
        }),
      ),
    )

    test(
      "of a connection belong to who began them: the session works in a savepoint",
      withSession((_, env) =>
        Effect.gen(function* () {
          const names = select(countries.c.code).orderBy(countries.c.code)
          yield* Effect.ignore(
            env.engine
              .begin((conn) =>
                Effect.gen(function* () {
                  yield* conn.execute(insert(countries).values({ code: "AA", name: "of the connection" }))
                  const session = yield* AsyncSession.make(conn)
                  session.add(new Country({ code: "NO", name: "Norway" }))
                  yield* session.commit
                  session.add(new Country({ code: "SE", name: "Sweden" }))
                  yield* session.flush
                  yield* session.rollback
                  expect((yield* conn.scalars(names)).all()).toEqual(["AA", "NO"])
                  return yield* Effect.fail("roll back")
                }),
              )
              .pipe(Effect.scoped),
          )
          expect(yield* committed(env, names)).toEqual([])
          // A connection without a transaction: the session commits, and leaves the connection open.
          const conn = yield* env.engine.connect
          const session = yield* AsyncSession.make(conn)
          session.add(new Country({ code: "NO", name: "Norway" }))
          yield* session.commit
          expect(conn.closed).toBe(false)
          expect((yield* conn.scalars(names)).all()).toEqual(["NO"])
        }),
      ),
    )

    test(
      "give their connection, and another one after it was invalidated",
      withSession((session, env) =>
        Effect.gen(function* () {
          const country = new Country({ code: "NO", name: "Norway" })
          session.add(country)
          const conn = yield* session.connection
          expect((yield* conn.execute(select(countries))).all()).toEqual([])
          yield* session.flush
          expect(yield* session.connection).toBe(conn)
          expect((yield* conn.execute(select(countries.c.code))).all()).toEqual([{ code: "NO" }])
          yield* session.invalidate
          expect(conn.closed).toBe(true)
          expect(inspect(country).state).toBe("transient")
          // A database that lives in its one connection is gone with it.
          if (subject.singleConnection) yield* env.engine.begin((fresh) => fresh.execute(createAll(worldTables)))
          session.add(country)
          yield* session.commit
          expect(yield* committed(env, select(countries.c.code))).toEqual([{ code: "NO" }])
        }),
      ),
    )

    test(
      "put back an object whose row was deleted, even if another one has taken its key",
      withSession((session, env) =>
        Effect.gen(function* () {
          const first = new Country({ code: "NO", name: "first" })
          session.add(first)
          yield* session.commit
          session.delete(first)
          yield* session.flush
          const second = new Country({ code: "NO", name: "second" })
          session.add(second)
          yield* session.flush
          expect(yield* session.get(Country, "NO")).toBe(second)
          yield* session.rollback
          expect(session.identityMap.get(Country, "NO")).toBe(first)
          expect(inspect(second).state).toBe("transient")

          session.delete(first)
          yield* session.flush
          yield* session.execute(insert(countries).values({ code: "NO", name: "third" }))
          const third = yield* session.getOne(Country, "NO")
          expect(third.name).toBe("third")
          yield* session.rollback
          expect(session.identityMap.get(Country, "NO")).toBe(first)
          expect(session.contains(third)).toBe(false)
          expect(yield* committed(env, select(countries.c.name))).toEqual([{ name: "first" }])
        }),
      ),
    )

    test(
      "of a maker commit or roll back, and close the session",
      withSession((_, env) =>
        Effect.gen(function* () {
          const sessions = asyncSessionMaker(env.engine, { info: { from: "maker" } })
          const norway = makeNorway()
          yield* sessions.begin((session) =>
            Effect.sync(() => {
              expect(session.info.from).toBe("maker")
              session.addAll(Object.values(norway))
            }),
          )
          expect(inspect(norway.oslo).state).toBe("detached")
          const failed = sessions.begin((session) =>
            Effect.gen(function* () {
              session.delete(yield* session.getOne(City, norway.oslo.id))
              yield* session.flush
              return yield* Effect.fail("no")
            }),
          )
          yield* Effect.ignore(failed)
          const session = yield* sessions.session
          expect(yield* session.scalar(select(count().as("n")).from(City))).toBe(2)
        }),
      ),
    )

    test(
      "of many sessions commit at once, and one that fails harms no other",
      withSession((_, env) =>
        Effect.gen(function* () {
          const codes = Array.from({ length: 40 }, (_, index) => `C${index}`)
          const commit = (code: string) =>
            Effect.gen(function* () {
              const session = yield* AsyncSession.make(env.engine)
              const index = Number(code.slice(1))
              // Every fourth has a name that another one has.
              const country = new Country({ code, name: index % 4 === 3 ? `name ${index - 1}` : `name ${index}` })
              session.add(country)
              const outcome = yield* Effect.either(session.commit)
              expect(inspect(country).state).toBe(Either.isRight(outcome) ? "persistent" : "transient")
              return Either.match(outcome, { onLeft: ({ _tag }) => _tag, onRight: () => "committed" })
            }).pipe(Effect.scoped)
          const outcomes = yield* Effect.forEach(codes, commit, { concurrency: "unbounded" })
          const rows = yield* committed(env, select(countries.c.code))
          const stored = new Set(rows.map(({ code }) => code))
          for (const [index, code] of codes.entries()) {
            expect(stored.has(code)).toBe(outcomes[index] === "committed")
            if (index % 4 < 2) expect(outcomes[index]).toBe("committed")
          }
          expect(outcomes.filter((outcome) => outcome === "IntegrityError")).toHaveLength(10)
          expect(rows).toHaveLength(30)
        }),
      ),
    )

    test(
      "end with the scope that the session was made in",
      withSession((_, env) =>
        Effect.gen(function* () {
          const country = new Country({ code: "NO", name: "Norway" })
          const session = yield* Effect.scoped(
            Effect.gen(function* () {
              const session = yield* AsyncSession.make(env.engine)
              session.add(country)
              yield* session.flush
              return session
            }),
          )
          expect(inspect(country).state).toBe("transient")
          expect(yield* committed(env, select(countries))).toEqual([])
          expect((yield* failureOf(session.execute(select(Country))))._tag).toBe("ResourceClosedError")
          expect(() => session.add(country)).toThrow(expect.objectContaining({ _tag: "ResourceClosedError" }))
        }),
      ),
    )
  })
}
