import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"
import {
  type AsyncEngine,
  type AsyncEngineOptions,
  AsyncSession,
  asyncSessionMaker,
  Entity,
  inspect,
  integer,
  manyToOne,
  select,
  table,
  text,
} from "../../src/index.ts"
import { disconnect, driverError, type ScriptedDatabase } from "../driver/scripted-driver.ts"
import { withEngine } from "../engine/open.ts"
import { Country } from "../entity/world.ts"

const ports = table("ports", {
  id: integer().primaryKey(),
  name: text(),
  countryCode: text("country_code").references(() => Country.c.code),
})
class Port extends Entity(ports, { country: manyToOne(() => Country) }) {}

const berths = table("berths", { id: integer().primaryKey(), portId: integer("port_id").references(() => ports.c.id) })
class Berth extends Entity(berths, { port: manyToOne(() => Port) }) {}

const insertCountry = 'INSERT INTO "countries" ("code", "name") VALUES (?, ?)'
const insertPort = 'INSERT INTO "ports" ("name", "country_code") VALUES (?, ?) RETURNING "id"'
const updatePort = 'UPDATE "ports" SET "name" = ? WHERE "ports"."id" = ? x1'
const deletePort = 'DELETE FROM "ports" WHERE "ports"."id" = ? x1'
const insertBerth = 'INSERT INTO "berths" ("port_id") VALUES (?) RETURNING "id"'
const selectPorts = 'SELECT "ports"."id", "ports"."name", "ports"."country_code" AS "countryCode" FROM "ports"'
const unit = (...statements: ReadonlyArray<string>) => `unit ${["BEGIN IMMEDIATE", ...statements, "COMMIT"].join("; ")}`

/** Runs a test with a session on a database that takes units. */
const withUnits = <E>(
  test: (
    session: AsyncSession,
    database: ScriptedDatabase,
    engine: AsyncEngine,
  ) => Effect.Effect<unknown, E, Scope.Scope>,
  options?: AsyncEngineOptions,
): Promise<void> =>
  withEngine(
    (engine, database) =>
      Effect.gen(function* () {
        database.executesUnits = true
        database.answers.set(insertPort, [["id"], [7]])
        database.answers.set(insertBerth, [["id"], [1]])
        database.answers.set(selectPorts, [["id", "name", "countryCode"], []])
        return yield* test(yield* AsyncSession.make(engine), database, engine)
      }),
    options,
  )

const norway = () => new Country({ code: "NO", name: "Norway" })
const oslo = (country: Country) => new Port({ name: "Oslo", country })

/** A port that the session has loaded. */
const loadPort = (session: AsyncSession, database: ScriptedDatabase) =>
  Effect.gen(function* () {
    database.answers.set(`${selectPorts} WHERE "ports"."id" = ?`, [
      ["id", "name", "countryCode"],
      [7, "Oslo", "NO"],
    ])
    const port = yield* session.getOne(Port, 7)
    yield* session.rollback
    database.taken()
    return port
  })

describe("the commit of a session that has sent nothing", () => {
  it("is one call of the driver, and fills the objects in", () =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        const country = norway()
        const port = oslo(country)
        session.add(port)
        yield* session.commit
        expect(database.taken()).toEqual(["1:connect", `1:${unit(insertCountry, insertPort)}`])
        expect(port.id).toBe(7)
        expect([inspect(country).state, inspect(port).state]).toEqual(["persistent", "persistent"])
        expect(session.inTransaction()).toBe(false)
        expect(yield* session.get(Port, 7)).toBe(port)
        port.name = "Christiania"
        yield* session.commit
        session.delete(port)
        yield* session.commit
        expect(database.taken()).toEqual([`1:${unit(updatePort)}`, `1:${unit(deletePort)}`])
        expect(inspect(port).state).toBe("detached")
      }),
    ))

  it("is one call of the driver for a block, and for a maker's", () =>
    withUnits((session, database, engine) =>
      Effect.gen(function* () {
        yield* session.begin((inside) => Effect.sync(() => inside.add(norway())))
        yield* asyncSessionMaker(engine).begin((inside) =>
          Effect.sync(() => inside.add(new Country({ code: "SE", name: "Sweden" }))),
        )
        expect(database.taken()).toEqual(["1:connect", `1:${unit(insertCountry)}`, `1:${unit(insertCountry)}`])
      }),
    ))

  it("is one call on a connection that was lent outside of a transaction, and none inside of one", () =>
    withUnits((_, database, engine) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const session = yield* AsyncSession.make(conn)
        session.add(norway())
        yield* session.commit
        expect(database.taken()).toEqual(["1:connect", `1:${unit(insertCountry)}`])
        expect(conn.inTransaction()).toBe(false)
        yield* conn.begin(() =>
          Effect.gen(function* () {
            const inside = yield* AsyncSession.make(conn)
            inside.add(new Country({ code: "SE", name: "Sweden" }))
            yield* inside.commit
          }).pipe(Effect.scoped),
        )
        expect(database.taken()).toEqual([
          "1:BEGIN IMMEDIATE",
          '1:SAVEPOINT "offloop_savepoint_1"',
          `1:${insertCountry}`,
          '1:RELEASE SAVEPOINT "offloop_savepoint_1"',
          "1:commit",
        ])
      }),
    ))

  it("sends nothing where there is nothing to write", () =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        yield* session.commit
        const port = yield* loadPort(session, database)
        port.name = "Bergen"
        port.name = "Oslo"
        expect(session.inTransaction()).toBe(true)
        yield* session.commit
        expect(session.inTransaction()).toBe(false)
        yield* session.begin(() => Effect.void)
        expect(database.taken()).toEqual([])
      }),
    ))

  it.each<
    readonly [why: string, prepare: (session: AsyncSession, database: ScriptedDatabase) => Effect.Effect<void, unknown>]
  >([
    [
      "an object needs a key that the database generates for another",
      (session) => Effect.sync(() => session.add(new Berth({ port: oslo(norway()) }))),
    ],
    [
      "there are more rows than one message takes",
      (session) =>
        Effect.sync(() =>
          session.addAll(Array.from({ length: 1001 }, (_, at) => new Country({ code: `C${at}`, name: "x" }))),
        ),
    ],
    [
      "a row moves to another key",
      (session, database) =>
        Effect.map(loadPort(session, database), (port) => {
          port.id = 8
        }),
    ],
    [
      "a statement was sent before",
      (session) =>
        Effect.zipRight(
          session.execute(select(ports)),
          Effect.sync(() => session.add(norway())),
        ),
    ],
    [
      "a savepoint is open around it",
      (session) => session.beginNested((inside) => Effect.sync(() => inside.add(norway()))),
    ],
    [
      "the driver cannot",
      (session, database) =>
        Effect.sync(() => {
          database.executesUnits = false
          session.add(norway())
        }),
    ],
  ])("is sent one by one where %s", (_, prepare) =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        yield* prepare(session, database)
        yield* session.commit
        const taken = database.taken()
        expect(taken.filter((step) => step.includes("unit"))).toEqual([])
        expect(taken.at(-1)).toMatch(/:commit$/)
        expect(session.inTransaction()).toBe(false)
      }),
    ),
  )

  it("is no unit at the isolation level AUTOCOMMIT", () =>
    withUnits(
      (session, database) =>
        Effect.gen(function* () {
          session.add(norway())
          yield* session.commit
          expect(database.taken()).toEqual(["1:connect", `1:${insertCountry}`])
        }),
      { isolationLevel: "AUTOCOMMIT" },
    ))

  it("leaves it to the database to refuse a second object for a row", () =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        session.add(norway())
        yield* session.commit
        database.taken()
        const again = norway()
        session.add(again)
        const error = yield* Effect.flip(session.commit)
        expect(error).toMatchObject({
          _tag: "FlushError",
          message: expect.stringContaining("the key of another object"),
        })
        expect(database.taken()).toEqual(["1:BEGIN IMMEDIATE", `1:${insertCountry}`, "1:rollback"])
        expect(inspect(again).state).toBe("transient")
        yield* session.rollback
      }),
    ))

  it("lets an object go whose key the database has given to another", () =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        const gone = yield* loadPort(session, database)
        const port = oslo(norway())
        session.add(port)
        yield* session.commit
        expect(database.taken()).toHaveLength(1)
        expect(session.identityMap.get(Port, 7)).toBe(port)
        expect(inspect(gone).state).toBe("detached")
      }),
    ))
})

describe("a commit in one call that fails", () => {
  /** The same with and without units must end in the same way. */
  const bothWays = (
    fail: (database: ScriptedDatabase, units: boolean) => void,
    check: (session: AsyncSession, error: Error & { readonly _tag: string }, objects: readonly [Country, Port]) => void,
  ) =>
    Effect.gen(function* () {
      const messages: Array<string> = []
      for (const units of [true, false]) {
        yield* Effect.promise(() =>
          withUnits((session, database) =>
            Effect.gen(function* () {
              const loaded = yield* loadPort(session, database)
              database.executesUnits = units
              // Connections opened from now on are of the kind that is asked for.
              const conn = yield* session.connection
              yield* conn.invalidate
              yield* session.rollback
              database.taken()
              const country = norway()
              session.add(country)
              loaded.name = "Christiania"
              fail(database, units)
              const error = yield* Effect.flip(session.commit)
              check(session, error, [country, loaded])
              messages.push(`${error._tag}: ${error.message}`)
              const taken = database.taken().filter((step) => !step.endsWith(":connect"))
              if (units)
                expect(taken.filter((step) => !step.endsWith(":terminate"))).toEqual([expect.stringMatching(/:unit /)])
              expect(inspect(country).state).toBe("transient")
              expect(loaded.name).toBe("Oslo")
              yield* session.rollback
              expect(session.isActive).toBe(true)
              session.add(country)
              yield* session.commit
              expect(inspect(country).state).toBe("persistent")
            }),
          ),
        )
      }
      expect(messages[0]).toBe(messages[1])
    }).pipe(Effect.runPromise)

  it("tells the statement that failed, and asks for a rollback", () =>
    bothWays(
      (database, units) => {
        const error = { kind: "IntegrityError" as const, message: "UNIQUE constraint failed", failedCall: 0 }
        database.fail(units ? unit(insertCountry, updatePort) : insertCountry, driverError(error))
      },
      (session, error) => {
        expect(error).toMatchObject({ _tag: "IntegrityError", statement: insertCountry })
        expect(session.isActive).toBe(false)
      },
    ))

  it("tells rows that are gone", () =>
    bothWays(
      (database) => database.rowCounts.set(updatePort.slice(0, -3), 0),
      (session, error) => {
        expect(error._tag).toBe("StaleDataError")
        expect(error.message).toContain("UPDATE on table ports was to change 1 rows but changed 0: rows of Port(id: 7)")
        expect(session.isActive).toBe(false)
      },
    ))

  it("tells a COMMIT that the database refused, after which the session can go on", () =>
    bothWays(
      (database, units) => {
        const error = driverError({ kind: "IntegrityError", message: "FOREIGN KEY constraint failed" })
        database.fail(units ? unit(insertCountry, updatePort) : "commit", error)
      },
      (session, error) => {
        expect(error).toMatchObject({ _tag: "IntegrityError", statement: "COMMIT" })
        expect([session.isActive, session.inTransaction()]).toEqual([true, false])
      },
    ))

  it("tells a connection that was lost", () =>
    bothWays(
      (database, units) => database.fail(units ? unit(insertCountry, updatePort) : "commit", disconnect()),
      (_, error) =>
        expect(error).toMatchObject({ _tag: "OutcomeUnknownError", isDisconnect: true, statement: "COMMIT" }),
    ))

  it("tells a value that cannot be sent, and sends nothing", () =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        const wrong = new Country({ code: "NO", name: 1 as never })
        session.add(wrong)
        const error = yield* Effect.flip(session.commit)
        expect(error).toMatchObject({ _tag: "StatementError", message: expect.stringContaining("countries.name") })
        expect(database.taken()).toEqual(["1:connect"])
        expect([session.isActive, inspect(wrong).state]).toEqual([false, "transient"])
        yield* session.rollback
      }),
    ))

  it("says that the transaction was committed where the answer fits no object", () =>
    withUnits((session, database) =>
      Effect.gen(function* () {
        database.answers.set(insertPort, [["id"], [null]])
        const port = oslo(norway())
        session.add(port)
        const error = yield* Effect.flip(session.commit)
        expect(error).toMatchObject({
          _tag: "FlushError",
          message: expect.stringMatching(/^The transaction was committed, but .*its primary key is not known/),
        })
        expect([session.isActive, session.inTransaction(), inspect(port).state]).toEqual([true, false, "transient"])
        expect(database.taken()).toHaveLength(2)
      }),
    ))

  it("is tried on another connection where it was called behind a reset that failed", () =>
    withUnits((session, database, engine) =>
      Effect.gen(function* () {
        database.resetsAhead = true
        yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execute(select(ports))))
        database.fail("reset")
        const country = norway()
        session.add(country)
        yield* session.commit
        expect(inspect(country).state).toBe("persistent")
        expect(database.taken().filter((step) => step.includes("unit"))).toEqual([`2:${unit(insertCountry)}`])
      }),
    ))
})
