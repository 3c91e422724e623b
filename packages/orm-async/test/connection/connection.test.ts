import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { insert, integer, select, table, text } from "../../src/index.ts"
import { disconnect, driverError } from "../driver/scripted-driver.ts"
import { withEngine } from "../engine/open.ts"

const users = table("users", { id: integer().primaryKey(), name: text() })
const selectUsers = 'SELECT "users"."id", "users"."name" FROM "users"'

describe("a connection", () => {
  it("begins a transaction with its first statement and no sooner", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        expect(conn.inTransaction()).toBe(false)
        yield* conn.execDriverSql("SELECT 1")
        expect(conn.inTransaction()).toBe(true)
        yield* conn.execDriverSql("SELECT 2")
        yield* conn.commit
        expect(conn.inTransaction()).toBe(false)
        yield* conn.execDriverSql("INSERT 1")
        yield* conn.rollback
        yield* conn.commit
        yield* conn.rollback
        expect(database.taken()).toEqual([
          "1:connect",
          "1:BEGIN",
          "1:SELECT 1",
          "1:SELECT 2",
          "1:commit",
          "1:BEGIN",
          "1:INSERT 1",
          "1:rollback",
        ])
      }),
    ))

  it("begins nothing at the isolation level AUTOCOMMIT", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.executionOptions({ isolationLevel: "autocommit" }).connect
        yield* conn.execDriverSql("INSERT 1")
        expect(conn.inTransaction()).toBe(false)
        yield* conn.commit
        yield* conn.begin(() => conn.execDriverSql("INSERT 2"))
        expect(database.taken()).toEqual(["1:connect", "1:INSERT 1", "1:INSERT 2"])
        expect(yield* conn.getIsolationLevel).toBe("AUTOCOMMIT")
        const nested = yield* Effect.flip(conn.beginNested(() => Effect.void))
        expect(nested).toMatchObject({ _tag: "InvalidRequestError", message: expect.stringContaining("AUTOCOMMIT") })
      }),
    ))

  it("is reset in the background when it is given back in a transaction, and not otherwise", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SELECT 1")))
        yield* Effect.scoped(engine.connect)
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:SELECT 1", "1:reset"])
      }),
    ))

  it("makes rows of statements and gives them to the caller", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.answers.set(selectUsers, [
          ["id", "name"],
          [1, "ann", 2, "bo"],
        ])
        const conn = yield* engine.connect
        const result = yield* conn.execute(select(users))
        expect(result.all()).toEqual([
          { id: 1, name: "ann" },
          { id: 2, name: "bo" },
        ])
        expect(yield* conn.scalar(select(users.c.id, users.c.name))).toBe(1)
        expect((yield* conn.scalars(select(users.c.id, users.c.name))).all()).toEqual([1, 2])
      }),
    ))

  it("runs a statement once for each set of parameters", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const result = yield* conn.execute(insert(users), [
          { id: 1, name: "ann" },
          { id: 2, name: "bo" },
        ])
        expect(result.returnsRows).toBe(false)
        yield* conn.execDriverSql("INSERT ?", [[1], [2], [3]])
        expect(database.taken().slice(2)).toEqual([
          '1:INSERT INTO "users" ("id", "name") VALUES (?, ?) x2',
          "1:INSERT ? x3",
        ])
      }),
    ))

  it("gives rows of plain SQL by column, each column once, with integers that keep their digits", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.answers.set("SELECT a", [
          ["a", "a", "b"],
          [1n, 2n, 2n ** 60n],
        ])
        const conn = yield* engine.connect
        const result = yield* conn.execDriverSql("SELECT a")
        expect(result.keys).toEqual(["a", "a_1", "b"])
        expect({ ...(yield* result.one()) }).toEqual({ a: 1, a_1: 2, b: 2n ** 60n })
        expect((yield* conn.execDriverSql("UPDATE x")).returnsRows).toBe(false)
      }),
    ))

  it("fails typed for what cannot be compiled, without asking the database", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const error = yield* Effect.flip(conn.execute(select(users), { nothing: 1 }))
        expect(error._tag).toBe("StatementError")
        expect(conn.inTransaction()).toBe(false)
        const options = yield* Effect.flip(
          conn.execute(select(users), undefined, { executionOptions: { isolationLevel: "SERIALIZABLE" } }),
        )
        expect(options._tag).toBe("ArgumentError")
        expect(database.taken()).toEqual(["1:connect"])
      }),
    ))

  it.each([
    [false, '[parameters: ["secret"]]'],
    [true, "[parameters hidden]"],
  ])("carries the database's error with its SQL; hideParameters %s", (hideParameters, shown) =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          database.fail("INSERT ?", driverError({ kind: "IntegrityError", constraint: "users_pk", message: "taken" }))
          const conn = yield* engine.connect
          const error = yield* Effect.flip(conn.execDriverSql("INSERT ?", ["secret"]))
          expect(error).toMatchObject({ _tag: "IntegrityError", statement: "INSERT ?", constraint: "users_pk" })
          expect(error.message).toContain(`taken\n[SQL: INSERT ?]\n${shown}`)
          expect(JSON.stringify(error).includes("secret")).toBe(!hideParameters)
        }),
      { hideParameters },
    ),
  )

  it("refuses everything but close after close", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.close
        yield* conn.close
        expect(conn.closed).toBe(true)
        for (const use of [conn.execDriverSql("SELECT 1"), conn.commit, conn.rollback, conn.begin(() => Effect.void)]) {
          expect(yield* Effect.flip(use as Effect.Effect<unknown, { _tag: string }>)).toMatchObject({
            _tag: "ResourceClosedError",
          })
        }
        expect(() => conn.info).toThrow("closed")
      }),
    ))

  it("keeps notes with the connection underneath, across its returns", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        yield* Effect.scoped(Effect.map(engine.connect, (conn) => Object.assign(conn.info, { seen: 1 })))
        const conn = yield* engine.connect
        expect(conn.info).toEqual({ seen: 1 })
      }),
    ))

  it("changes its options in place, but not under an open transaction", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.execDriverSql("SELECT 1")
        const error = yield* Effect.flip(conn.executionOptions({ isolationLevel: "SERIALIZABLE" }))
        expect(error).toMatchObject({ _tag: "InvalidRequestError" })
        yield* conn.rollback
        yield* conn.executionOptions({ isolationLevel: "SERIALIZABLE", yieldPer: 7 })
        expect(conn.getExecutionOptions()).toEqual({ isolationLevel: "SERIALIZABLE", yieldPer: 7 })
        expect(yield* Effect.flip(conn.executionOptions({ isolationLevel: "CHAOS" }))).toMatchObject({
          _tag: "ArgumentError",
        })
      }),
    ))
})

describe("fibers that share a connection", () => {
  it("have their statements run one after the other, in order", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* Effect.forEach([1, 2, 3, 4, 5], (n) => conn.execDriverSql(`SELECT ${n}`), { concurrency: "unbounded" })
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", ...[1, 2, 3, 4, 5].map((n) => `1:SELECT ${n}`)])
      }),
    ))

  it("can be interrupted while they wait for their turn, and lose nobody's turn", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const gate = database.hold("SELECT 1")
        const first = yield* Effect.fork(conn.execDriverSql("SELECT 1"))
        yield* gate.reached
        const second = yield* Effect.fork(conn.execDriverSql("SELECT 2"))
        const third = yield* Effect.fork(conn.execDriverSql("SELECT 3"))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(second)
        yield* gate.open
        yield* Fiber.join(first)
        yield* Fiber.join(third)
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:SELECT 1", "1:SELECT 3"])
      }),
    ))
})

describe("an interrupted statement", () => {
  it("leaves a transaction that accepts only a rollback", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const gate = database.hold("INSERT 1")
        const running = yield* Effect.fork(conn.execDriverSql("INSERT 1"))
        yield* gate.reached
        yield* Fiber.interrupt(running)
        for (const use of [conn.execDriverSql("SELECT 1"), conn.commit]) {
          expect(yield* Effect.flip(use as Effect.Effect<unknown, { _tag: string }>)).toMatchObject({
            _tag: "PendingRollbackError",
          })
        }
        yield* conn.rollback
        yield* conn.execDriverSql("SELECT 2")
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", "1:rollback", "1:BEGIN", "1:SELECT 2"])
      }),
    ))

  it("has ended before the next one begins at AUTOCOMMIT, where there is nothing to roll back", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          const conn = yield* engine.connect
          const gate = database.hold("SELECT 1")
          const running = yield* Effect.fork(conn.execDriverSql("SELECT 1"))
          yield* gate.reached
          database.ignoresCancel = true
          yield* Fiber.interrupt(running)
          const next = yield* Effect.fork(conn.execDriverSql("SELECT 2"))
          yield* Effect.yieldNow()
          expect(database.taken()).toEqual(["1:connect", "1:SELECT 1"])
          yield* gate.open
          yield* Fiber.join(next)
          expect(database.taken()).toEqual(["1:SELECT 2"])
        }),
      { isolationLevel: "AUTOCOMMIT" },
    ))

  it("gives its connection back to the pool when its scope ends with it", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          const gate = database.hold("SELECT 1")
          const running = yield* Effect.fork(
            Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SELECT 1"))),
          )
          yield* gate.reached
          yield* Fiber.interrupt(running)
          yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SELECT 2")))
          expect(database.connections).toBe(1)
        }),
      { poolSize: 1, maxOverflow: 0 },
    ))
})

describe("a lost connection", () => {
  it("must be rolled back, then is replaced by the next statement", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.execDriverSql("INSERT 1")
        database.fail("INSERT 2", disconnect())
        expect(yield* Effect.flip(conn.execDriverSql("INSERT 2"))).toMatchObject({ isDisconnect: true })
        expect(conn.invalidated).toBe(true)
        expect(yield* Effect.flip(conn.execDriverSql("INSERT 3"))).toMatchObject({ _tag: "PendingRollbackError" })
        yield* conn.rollback
        yield* conn.execDriverSql("INSERT 4")
        expect(conn.invalidated).toBe(false)
        expect(database.taken()).toEqual([
          "1:connect",
          "1:BEGIN",
          "1:INSERT 1",
          "1:INSERT 2",
          "1:terminate",
          "2:connect",
          "2:BEGIN",
          "2:INSERT 4",
        ])
      }),
    ))

  it("fails the statement that finds it ended in a transaction, which does not go on in another session", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.execDriverSql("INSERT 1")
        database.drop(1)
        expect(yield* Effect.flip(conn.execDriverSql("INSERT 2"))).toMatchObject({ isDisconnect: true })
        expect(yield* Effect.flip(conn.execDriverSql("INSERT 3"))).toMatchObject({ _tag: "PendingRollbackError" })
        yield* conn.rollback
        yield* conn.execDriverSql("INSERT 4")
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", "2:connect", "2:BEGIN", "2:INSERT 4"])
      }),
    ))

  it("is replaced without the program's notice where it has ended outside of a transaction", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.execDriverSql("INSERT 1")
        yield* conn.commit
        database.drop(1)
        yield* conn.execDriverSql("INSERT 2")
        expect(database.taken().slice(-3)).toEqual(["2:connect", "2:BEGIN", "2:INSERT 2"])
      }),
    ))

  it("takes every other connection of the pool with it", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const borrowed = yield* engine.connect
        yield* Effect.scoped(engine.connect)
        expect(engine.pool.checkedIn()).toBe(1)
        database.fail("SELECT 1", disconnect())
        yield* Effect.flip(borrowed.execDriverSql("SELECT 1"))
        expect(engine.pool.checkedIn()).toBe(0)
        expect([...database.closed].sort()).toEqual([1, 2])
      }),
    ))

  it("is asked for by invalidate, even in the middle of a statement", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const gate = database.hold("SELECT 1")
        const running = yield* Effect.fork(conn.execDriverSql("SELECT 1"))
        yield* gate.reached
        yield* conn.invalidate
        yield* gate.open
        yield* Fiber.await(running)
        yield* conn.rollback
        yield* conn.execDriverSql("SELECT 2")
        expect(database.closed).toEqual([1])
      }),
    ))
})

describe("a stream", () => {
  const rows = Array.from({ length: 5 }, (_, at) => [at, `n${at}`]).flat()

  it("gives rows in portions and closes its cursor", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.answers.set(selectUsers, [["id", "name"], rows])
        const conn = yield* engine.connect
        const ids = yield* conn.stream(select(users), undefined, { executionOptions: { yieldPer: 2 } }).pipe(
          Stream.map((row) => row.id),
          Stream.runCollect,
        )
        expect([...ids]).toEqual([0, 1, 2, 3, 4])
        expect(database.taken().slice(2)).toEqual([
          `1:cursor ${selectUsers}`,
          "1:fetch 2",
          "1:fetch 2",
          "1:fetch 2",
          "1:fetch 2",
          "1:close cursor",
        ])
      }),
    ))

  it("closes its cursor when it is left early, fails or is interrupted", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.answers.set(selectUsers, [["id", "name"], rows])
        const conn = yield* engine.connect
        const stream = conn.stream(select(users), undefined, { executionOptions: { yieldPer: 1 } })
        yield* Stream.runHead(stream)
        yield* Effect.flip(Stream.runForEach(stream, () => Effect.fail("stop")))
        database.fail("fetch 1")
        expect(yield* Effect.flip(Stream.runDrain(stream))).toMatchObject({ _tag: "OperationalError" })
        const running = yield* Effect.fork(Stream.runForEach(stream, () => Effect.never))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(running)
        expect(database.taken().filter((step) => step.includes("close cursor")).length).toBe(4)
      }),
    ))

  it("ends typed when its transaction ends first", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.answers.set(selectUsers, [["id", "name"], rows])
        const conn = yield* engine.connect
        const stream = conn.stream(select(users), undefined, { executionOptions: { yieldPer: 1 } })
        const exit = yield* Effect.exit(Stream.runForEach(stream, () => conn.commit))
        expect(Exit.isFailure(exit)).toBe(true)
        expect(yield* Effect.flip(exit)).toMatchObject({ _tag: "ResourceClosedError" })
        expect(database.taken().slice(-2)).toEqual(["1:close cursor", "1:commit"])
      }),
    ))

  it("refuses a statement that runs several times", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const sets = [
          { id: 1, name: "a" },
          { id: 2, name: "b" },
        ]
        expect(yield* Effect.flip(Stream.runDrain(conn.stream(insert(users), sets)))).toMatchObject({
          _tag: "InvalidRequestError",
        })
      }),
    ))
})
