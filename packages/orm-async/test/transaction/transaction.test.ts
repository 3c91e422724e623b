import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import type { AsyncConnection } from "../../src/index.ts"
import { disconnect, driverError } from "../driver/scripted-driver.ts"
import { withEngine } from "../engine/open.ts"

const sp1 = '"offloop_savepoint_1"'
const sp2 = '"offloop_savepoint_2"'
const run = (conn: AsyncConnection, sql: string) => conn.execDriverSql(sql)

describe("a begin block", () => {
  it("commits when it succeeds and gives its value", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const value = yield* engine.begin((conn) => Effect.as(run(conn, "INSERT 1"), 42))
        expect(value).toBe(42)
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", "1:commit"])
      }),
    ))

  it("rolls back when it fails, before it hands on the failure", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          engine.begin((conn) => Effect.zipRight(run(conn, "INSERT 1"), Effect.fail("mine" as const))),
        )
        expect(error).toBe("mine")
        expect(database.taken().slice(-2)).toEqual(["1:INSERT 1", "1:rollback"])
      }),
    ))

  it("rolls back when it dies", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(
          engine.begin((conn) => Effect.zipRight(run(conn, "INSERT 1"), Effect.die("bug"))),
        )
        expect(exit).toEqual(Exit.die("bug"))
        expect(database.taken().slice(-1)).toEqual(["1:rollback"])
      }),
    ))

  it("costs nothing when it runs no statement", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        yield* engine.begin(() => Effect.void)
        expect(database.taken()).toEqual(["1:connect"])
      }),
    ))

  it("sends no ROLLBACK for a BEGIN that failed", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.fail("BEGIN")
        const error = yield* Effect.flip(engine.begin((conn) => run(conn, "INSERT 1")))
        expect(error).toMatchObject({ _tag: "OperationalError" })
        yield* engine.begin((conn) => run(conn, "INSERT 2"))
        expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:BEGIN", "1:INSERT 2", "1:commit"])
      }),
    ))

  it("gives a COMMIT's failure typed and leaves the connection rolled back and usable", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        database.fail("commit", driverError({ kind: "IntegrityError" }))
        const error = yield* Effect.flip(conn.begin(() => run(conn, "INSERT 1")))
        expect(error).toMatchObject({ _tag: "IntegrityError", statement: "COMMIT" })
        yield* conn.begin(() => run(conn, "INSERT 2"))
        expect(database.taken().slice(3)).toEqual(["1:commit", "1:rollback", "1:BEGIN", "1:INSERT 2", "1:commit"])
      }),
    ))

  it("gives the block's failure first when rolling back fails as well, and replaces the connection", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        database.fail("rollback")
        const error = yield* Effect.flip(conn.begin(() => Effect.zipRight(run(conn, "INSERT 1"), Effect.fail("mine"))))
        expect(error).toBe("mine")
        yield* run(conn, "SELECT 1")
        expect(database.closed).toEqual([1])
        expect(database.taken().slice(-2)).toEqual(["2:BEGIN", "2:SELECT 1"])
      }),
    ))

  it("cannot begin where a transaction has begun already", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* run(conn, "SELECT 1")
        const error = yield* Effect.flip(conn.begin(() => Effect.void))
        expect(error).toMatchObject({ _tag: "InvalidRequestError", message: expect.stringContaining("already begun") })
        yield* conn.rollback
        const inner = yield* Effect.flip(conn.begin(() => conn.begin(() => Effect.void)))
        expect(inner).toMatchObject({ _tag: "InvalidRequestError", message: expect.stringContaining("block") })
      }),
    ))

  it("takes no more statements after it ended its transaction itself", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const error = yield* Effect.flip(
          conn.begin((transaction) =>
            Effect.gen(function* () {
              yield* run(conn, "INSERT 1")
              yield* transaction.commit
              expect([transaction.isActive, transaction.isValid, transaction.nested]).toEqual([false, false, false])
              yield* run(conn, "INSERT 2")
            }),
          ),
        )
        expect(error).toMatchObject({
          _tag: "InvalidRequestError",
          message: expect.stringContaining("Can't operate on closed transaction inside context manager"),
        })
        yield* conn.begin((transaction) => Effect.zipRight(run(conn, "INSERT 3"), transaction.rollback))
        expect(database.taken().filter((step) => /commit|rollback/.test(step))).toEqual(["1:commit", "1:rollback"])
      }),
    ))

  it("hands on an interruption at once while the statement is still running, and keeps the slot until it has ended", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          database.ignoresCancel = true
          const statement = database.hold("INSERT 1")
          const rollback = database.hold("rollback")
          const running = yield* Effect.fork(engine.begin((conn) => run(conn, "INSERT 1")))
          yield* statement.reached
          yield* Fiber.interrupt(running)
          expect(engine.pool.checkedOut()).toBe(1)
          const next = yield* Effect.fork(engine.begin((conn) => run(conn, "INSERT 2")))
          yield* Effect.yieldNow()
          expect(engine.pool.statistics()).toMatchObject({ checkedOut: 1, waiting: 1 })
          yield* statement.open
          yield* rollback.reached
          expect(engine.pool.statistics()).toMatchObject({ checkedOut: 1, waiting: 1 })
          yield* rollback.open
          yield* Fiber.join(next)
          expect(database.connections).toBe(1)
        }),
      { poolSize: 1, maxOverflow: 0 },
    ))

  it("loses no slot when interruptions nest and repeat", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          for (let round = 0; round < 20; round++) {
            const gate = database.hold("SELECT 1")
            const work = engine.begin((conn) =>
              run(conn, "SELECT 1").pipe(Effect.timeout("1 hour"), Effect.timeout("2 hours")),
            )
            const running = yield* Effect.fork(round % 2 === 0 ? work : Effect.timeout(work, "3 hours"))
            yield* gate.reached
            yield* Fiber.interruptFork(running)
            yield* Fiber.interruptFork(running)
            yield* Fiber.await(running)
          }
          yield* engine.begin((conn) => run(conn, "SELECT 2"))
          expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, checkedOut: 0, waiting: 0 })
        }),
      { poolSize: 1, maxOverflow: 0 },
    ))

  it("waits for COMMIT's answer when it is interrupted meanwhile", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const gate = database.hold("commit")
        const running = yield* Effect.fork(engine.begin((conn) => run(conn, "INSERT 1")))
        yield* gate.reached
        yield* Fiber.interruptFork(running)
        yield* gate.open
        yield* Fiber.await(running)
        expect(database.taken().slice(-1)).toEqual(["1:commit"])
      }),
    ))

  it("does not commit after a statement whose interruption it survived", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const gate = database.hold("INSERT 1")
        const survived = conn.begin(() =>
          Effect.gen(function* () {
            const running = yield* Effect.fork(run(conn, "INSERT 1"))
            yield* gate.reached
            yield* Fiber.interrupt(running)
          }),
        )
        expect(yield* Effect.flip(survived)).toMatchObject({ _tag: "PendingRollbackError" })
        yield* conn.begin(() => run(conn, "INSERT 2"))
        expect(database.taken().slice(2)).toEqual(["1:INSERT 1", "1:rollback", "1:BEGIN", "1:INSERT 2", "1:commit"])
      }),
    ))

  it("fails typed when its connection is lost, and the next block gets another", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        database.fail("INSERT 1", disconnect())
        expect(yield* Effect.flip(conn.begin(() => run(conn, "INSERT 1")))).toMatchObject({ isDisconnect: true })
        yield* conn.begin(() => run(conn, "INSERT 2"))
        expect(database.taken().slice(-3)).toEqual(["2:BEGIN", "2:INSERT 2", "2:commit"])
      }),
    ))

  it("lets another fiber's statement end before it commits", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const gate = database.hold("SELECT slow")
        const block = yield* Effect.fork(
          conn.begin(() => Effect.zipRight(Effect.forkDaemon(run(conn, "SELECT slow")), gate.reached)),
        )
        yield* gate.reached
        yield* gate.open
        yield* Fiber.join(block)
        expect(database.taken().slice(-2)).toEqual(["1:SELECT slow", "1:commit"])
      }),
    ))
})

describe("a nested block", () => {
  it("is a savepoint that travels with the first statement and is released", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) =>
          conn
            .beginNested(() => conn.beginNested(() => run(conn, "INSERT 1")))
            .pipe(Effect.zipRight(conn.beginNested(() => Effect.void)), Effect.zipRight(run(conn, "INSERT 2"))),
        )
        expect(database.taken()).toEqual([
          "1:connect",
          "1:BEGIN",
          `1:SAVEPOINT ${sp1}`,
          `1:SAVEPOINT ${sp2}`,
          "1:INSERT 1",
          `1:RELEASE SAVEPOINT ${sp2}`,
          `1:RELEASE SAVEPOINT ${sp1}`,
          "1:INSERT 2",
          "1:commit",
        ])
      }),
    ))

  it("takes back only what was done in it when it fails", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) =>
          Effect.gen(function* () {
            yield* run(conn, "INSERT 1")
            const error = yield* Effect.flip(
              conn.beginNested(() => Effect.zipRight(run(conn, "INSERT 2"), Effect.fail("inner"))),
            )
            expect(error).toBe("inner")
            expect([conn.inTransaction(), conn.inNestedTransaction()]).toEqual([true, false])
            yield* run(conn, "INSERT 3")
          }),
        )
        expect(database.taken().slice(3)).toEqual([
          `1:SAVEPOINT ${sp1}`,
          "1:INSERT 2",
          `1:ROLLBACK TO SAVEPOINT ${sp1}`,
          `1:RELEASE SAVEPOINT ${sp1}`,
          "1:INSERT 3",
          "1:commit",
        ])
      }),
    ))

  it("begins a transaction where there is none, which stays open", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        yield* conn.beginNested(() => run(conn, "INSERT 1"))
        expect(conn.inTransaction()).toBe(true)
        yield* conn.commit
        expect(database.taken().slice(1)).toEqual([
          "1:BEGIN",
          `1:SAVEPOINT ${sp1}`,
          "1:INSERT 1",
          `1:RELEASE SAVEPOINT ${sp1}`,
          "1:commit",
        ])
      }),
    ))

  it("rolls back to its savepoint when RELEASE fails", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.fail(`RELEASE SAVEPOINT ${sp1}`)
        yield* engine.begin((conn) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(conn.beginNested(() => run(conn, "INSERT 1")))
            expect(error).toMatchObject({ _tag: "OperationalError", statement: `RELEASE SAVEPOINT ${sp1}` })
            yield* run(conn, "INSERT 2")
          }),
        )
        expect(database.taken().slice(4)).toEqual([
          `1:RELEASE SAVEPOINT ${sp1}`,
          `1:ROLLBACK TO SAVEPOINT ${sp1}`,
          `1:RELEASE SAVEPOINT ${sp1}`,
          "1:INSERT 2",
          "1:commit",
        ])
      }),
    ))

  it("poisons the transaction when it cannot be rolled back", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        database.fail(`ROLLBACK TO SAVEPOINT ${sp1}`)
        const error = yield* Effect.flip(
          engine.begin((conn) =>
            Effect.gen(function* () {
              yield* Effect.exit(conn.beginNested(() => Effect.zipRight(run(conn, "INSERT 1"), Effect.fail("inner"))))
              yield* run(conn, "INSERT 2")
            }),
          ),
        )
        expect(error).toMatchObject({ _tag: "PendingRollbackError" })
        expect(database.taken().slice(-1)).toEqual(["1:rollback"])
      }),
    ))

  it("is refused to a fiber beside one that has a block open, and allowed to its children", () =>
    withEngine((engine) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const opened = yield* Deferred.make<void>()
          const end = yield* Deferred.make<void>()
          const first = yield* Effect.fork(
            conn.beginNested(() =>
              Effect.zipRight(
                Effect.fork(conn.beginNested(() => run(conn, "SELECT child"))).pipe(Effect.flatMap(Fiber.join)),
                Effect.zipRight(Deferred.succeed(opened, undefined), Deferred.await(end)),
              ),
            ),
          )
          yield* Deferred.await(opened)
          const second = yield* Effect.flip(conn.beginNested(() => Effect.void))
          expect(second).toMatchObject({ _tag: "InvalidRequestError", message: expect.stringContaining("fiber") })
          yield* Deferred.succeed(end, undefined)
          yield* Fiber.join(first)
          yield* conn.beginNested(() => run(conn, "SELECT after"))
        }),
      ),
    ))

  it("cannot be left running when the block around it ends: nothing is committed then", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const error = yield* Effect.flip(
          conn.begin(() =>
            Effect.gen(function* () {
              yield* run(conn, "INSERT 1")
              yield* Effect.forkDaemon(conn.beginNested(() => Effect.never))
              yield* Effect.yieldNow()
            }),
          ),
        )
        expect(error).toMatchObject({ _tag: "InvalidRequestError", message: expect.stringContaining("still running") })
        yield* Effect.yieldNow()
        expect(database.log.includes("1:commit")).toBe(false)
        expect(conn.inTransaction()).toBe(false)
      }),
    ))
})

describe("a transaction's handle", () => {
  it("commits, rolls back and closes without a block", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const transaction = yield* conn.beginTransaction
        yield* run(conn, "INSERT 1")
        const savepoint = yield* conn.beginNestedTransaction
        yield* run(conn, "INSERT 2")
        expect([transaction.nested, savepoint.nested, savepoint.isValid]).toEqual([false, true, true])
        expect(conn.getTransaction()).toBe(transaction)
        expect(conn.getNestedTransaction()).toBe(savepoint)
        yield* savepoint.rollback
        yield* savepoint.rollback
        expect([savepoint.isActive, transaction.isActive]).toEqual([false, true])
        yield* transaction.commit
        expect(yield* Effect.flip(transaction.commit)).toMatchObject({ _tag: "InvalidRequestError" })
        yield* transaction.close
        expect([conn.getTransaction(), conn.getNestedTransaction()]).toEqual([null, null])
        expect(database.taken().slice(3)).toEqual([
          `1:SAVEPOINT ${sp1}`,
          "1:INSERT 2",
          `1:ROLLBACK TO SAVEPOINT ${sp1}`,
          `1:RELEASE SAVEPOINT ${sp1}`,
          "1:commit",
        ])
      }),
    ))

  it("ends the savepoints inside it", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const outer = yield* conn.beginNestedTransaction
        const inner = yield* conn.beginNestedTransaction
        yield* run(conn, "INSERT 1")
        yield* outer.commit
        expect([outer.isActive, inner.isActive, conn.inTransaction()]).toEqual([false, false, true])
        yield* conn.rollback
        expect(conn.inTransaction()).toBe(false)
      }),
    ))
})
