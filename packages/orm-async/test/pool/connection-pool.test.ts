import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { describe, expect, it } from "vitest"
import { type AsyncEngine, createAsyncEngine, textClause } from "../../src/index.ts"
import { disconnect, driverError, ScriptedDatabase } from "../driver/scripted-driver.ts"
import { withEngine } from "../engine/open.ts"

const one = { poolSize: 1, maxOverflow: 0 }

/** Takes a connection and gives back what closes it. */
const borrow = (engine: Parameters<Parameters<typeof withEngine>[0]>[0]) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const conn = yield* Scope.extend(engine.connect, scope)
    return { conn, giveBack: Scope.close(scope, Exit.void) }
  })

describe("the pool", () => {
  it("opens up to size and overflow, and keeps size of them", () =>
    withEngine(
      (engine) =>
        Effect.gen(function* () {
          const borrowed = yield* Effect.all([borrow(engine), borrow(engine), borrow(engine)])
          expect(engine.pool.statistics()).toMatchObject({ checkedOut: 3, overflow: 2, checkedIn: 0 })
          for (const { giveBack } of borrowed) yield* giveBack
          expect(engine.pool.statistics()).toMatchObject({
            checkedOut: 0,
            overflow: 0,
            checkedIn: 1,
            opened: 3,
            closed: 2,
          })
          expect(engine.pool.status()).toContain("connections in pool: 1")
        }),
      { poolSize: 1, maxOverflow: 2 },
    ))

  it("has no limit with poolSize 0 or maxOverflow -1", async () => {
    for (const options of [{ poolSize: 0 }, { maxOverflow: -1 }]) {
      await withEngine(
        (engine) =>
          Effect.gen(function* () {
            const all = yield* Effect.all(Array.from({ length: 30 }, () => borrow(engine)))
            expect(engine.pool.checkedOut()).toBe(30)
            for (const { giveBack } of all) yield* giveBack
          }),
        options,
      )
    }
  })

  it("fails typed when nothing becomes free in time, at once with a timeout of 0", async () => {
    for (const poolTimeout of [0, "5 millis"] as const) {
      await withEngine(
        (engine) =>
          Effect.gen(function* () {
            yield* engine.connect
            const error = yield* Effect.flip(Effect.scoped(engine.connect))
            expect(error).toMatchObject({ _tag: "TimeoutError" })
            expect(error.message).toMatch(/poolSize 1.*maxOverflow 0.*poolTimeout/s)
            expect(engine.pool.statistics()).toMatchObject({ checkedOut: 1, waiting: 0 })
          }),
        { ...one, poolTimeout },
      )
    }
  })

  it("waits for a connection that is being rolled back instead of opening another, even with a timeout of 0", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          const gate = database.hold("reset")
          yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SELECT 1")))
          const next = yield* Effect.fork(Effect.scoped(engine.connect))
          yield* gate.reached
          yield* Effect.yieldNow()
          expect(engine.pool.statistics()).toMatchObject({ waiting: 1, connecting: 0 })
          yield* gate.open
          yield* Fiber.join(next)
          expect(database.connections).toBe(1)
        }),
      { poolTimeout: 0 },
    ))

  it("times out inside an uninterruptible region as well", () =>
    withEngine(
      (engine) =>
        Effect.gen(function* () {
          yield* engine.connect
          const error = yield* Effect.flip(Effect.uninterruptible(Effect.scoped(engine.connect)))
          expect(error._tag).toBe("TimeoutError")
        }),
      { ...one, poolTimeout: 5 },
    ))

  it("serves who waits longest, and keeps nothing for who was interrupted", () =>
    withEngine(
      (engine) =>
        Effect.gen(function* () {
          const served: Array<number> = []
          const { giveBack } = yield* borrow(engine)
          const fibers = yield* Effect.forEach([1, 2, 3, 4], (n) =>
            Effect.fork(Effect.scoped(Effect.map(engine.connect, () => served.push(n)))),
          )
          yield* Effect.yieldNow()
          expect(engine.pool.statistics().waiting).toBe(4)
          yield* Fiber.interrupt(fibers[1] as Fiber.Fiber<number, unknown>)
          yield* giveBack
          yield* Effect.forEach(fibers, Fiber.await)
          expect(served).toEqual([1, 3, 4])
        }),
      one,
    ))

  it("hands on what was granted to a fiber at the moment of its interruption", () =>
    withEngine(
      (engine) =>
        Effect.gen(function* () {
          for (let round = 0; round < 50; round++) {
            const { giveBack } = yield* borrow(engine)
            const waiting = yield* Effect.fork(Effect.scoped(engine.connect))
            yield* Effect.yieldNow()
            yield* Effect.all([giveBack, Fiber.interruptFork(waiting)])
            yield* Fiber.await(waiting)
            expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, checkedOut: 0, waiting: 0 })
          }
        }),
      one,
    ))

  it("keeps the connection that was being opened for a fiber which was interrupted", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          const gate = database.hold("connect")
          const running = yield* Effect.fork(Effect.scoped(engine.connect))
          yield* gate.reached
          yield* Fiber.interrupt(running)
          expect(engine.pool.statistics()).toMatchObject({ connecting: 1, waiting: 0 })
          yield* gate.open
          yield* Effect.scoped(engine.connect)
          expect(database.connections).toBe(1)
        }),
      one,
    ))

  it("fails typed when it cannot connect, and connects anew the next time", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          database.fail("connect", driverError({ message: "refused" }))
          const error = yield* Effect.flip(Effect.scoped(engine.connect))
          expect(error).toMatchObject({ _tag: "OperationalError", message: "refused" })
          yield* Effect.scoped(engine.connect)
          expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, connecting: 0 })
        }),
      one,
    ))

  it("replaces a connection whose reset fails", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          database.fail("reset")
          yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SELECT 1")))
          yield* Effect.scoped(engine.connect)
          expect(database.closed).toEqual([1])
          expect(database.connections).toBe(2)
        }),
      one,
    ))

  it("commits what is open on return where it is told to", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("INSERT 1")))
          yield* Effect.scoped(engine.connect)
          expect(database.taken().slice(-2)).toEqual(["1:commit", "1:reset"])
        }),
      { ...one, poolResetOnReturn: "commit" },
    ))

  it("takes the connection that was used last with poolUseLifo", async () => {
    for (const [poolUseLifo, expected] of [
      [true, 2],
      [false, 1],
    ] as const) {
      await withEngine(
        (engine) =>
          Effect.gen(function* () {
            const [first, second] = yield* Effect.all([borrow(engine), borrow(engine)])
            yield* first.giveBack
            yield* second.giveBack
            const conn = yield* engine.connect
            expect(conn.driverConnection).toBe(expected)
          }),
        { poolUseLifo },
      )
    }
  })

  it("of class null opens a connection for each use", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* Effect.scoped(engine.connect)
          yield* Effect.scoped(engine.connect)
          expect(database.connections).toBe(2)
          expect(engine.pool.checkedIn()).toBe(0)
        }),
      { poolClass: "null" },
    ))

  it("of class static lends its one connection to one at a time", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          const { giveBack } = yield* borrow(engine)
          const next = yield* Effect.fork(Effect.scoped(engine.connect))
          yield* Effect.yieldNow()
          expect(engine.pool.statistics().waiting).toBe(1)
          yield* giveBack
          yield* Fiber.join(next)
          expect(database.connections).toBe(1)
        }),
      { poolClass: "static" },
    ))
})

describe("a driver that takes a call behind a reset", () => {
  const select = (engine: AsyncEngine, sql: string) =>
    Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql(sql)))

  it("lends its connection again at once, and the next statement follows the reset", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          database.resetsAhead = true
          const gate = database.hold("reset")
          yield* select(engine, "SELECT 1")
          expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, checkedOut: 0 })
          const next = yield* Effect.fork(select(engine, "SELECT 2"))
          yield* gate.reached
          expect(engine.pool.statistics()).toMatchObject({ checkedOut: 1, waiting: 0 })
          expect(database.taken()).toEqual(["1:connect", "1:BEGIN", "1:SELECT 1", "1:reset"])
          yield* gate.open
          yield* Fiber.join(next)
          expect(database.taken().slice(0, 2)).toEqual(["1:BEGIN", "1:SELECT 2"])
        }),
      one,
    ))

  it("has what was called behind a reset that failed run on another connection", async () => {
    for (const isolationLevel of ["SERIALIZABLE", "AUTOCOMMIT"] as const) {
      for (const error of [driverError(), disconnect()]) {
        await withEngine(
          (engine, database) =>
            Effect.gen(function* () {
              database.resetsAhead = true
              database.fail("reset", error)
              yield* select(engine, "SELECT 1")
              yield* select(engine.executionOptions({ isolationLevel }), "SELECT 2")
              expect(database.log.filter((step) => step.endsWith("SELECT 2"))).toEqual(["2:SELECT 2"])
              expect(database.log).toContain("1:terminate")
            }),
          one,
        )
      }
    }
  })

  it("says nothing of a reset that the end of its connection cuts short", () => {
    const lines: Array<unknown> = []
    const logger = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ message }) => {
        lines.push(message)
      }),
    )
    return Effect.gen(function* () {
      const database = new ScriptedDatabase()
      database.resetsAhead = true
      const engine = yield* createAsyncEngine("sqlite://", { driver: database.driver })
      const gate = database.hold("reset")
      yield* select(engine, "SELECT 1")
      yield* engine.dispose()
      yield* gate.open
      yield* Effect.yieldNow()
      expect([database.taken().slice(-2), lines]).toEqual([["1:close", "1:reset"], []])
    }).pipe(Effect.scoped, Effect.provide(logger), Effect.runPromise)
  })

  it("does not use a connection whose reset failed while it was idle, or lent but not used yet", async () => {
    for (const lent of [false, true]) {
      await withEngine(
        (engine, database) =>
          Effect.gen(function* () {
            database.resetsAhead = true
            const gate = database.hold("reset")
            database.fail("reset")
            yield* select(engine, "SELECT 1")
            yield* gate.reached
            const early = lent ? yield* engine.connect : undefined
            yield* gate.open
            yield* Effect.repeat(Effect.yieldNow(), { until: () => lent || database.closed.length > 0 })
            yield* Effect.yieldNow()
            const conn = early ?? (yield* engine.connect)
            yield* conn.execDriverSql("SELECT 2")
            expect(database.log.filter((step) => step.endsWith("SELECT 2"))).toEqual(["2:SELECT 2"])
            expect(database.log).toContain("1:terminate")
          }),
        one,
      )
    }
  })

  it("is asked behind the reset with poolPrePing, and replaced when that failed", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          database.resetsAhead = true
          database.fail("reset")
          yield* select(engine, "SELECT 1")
          yield* select(engine, "SELECT 2")
          expect(database.log.filter((step) => step.endsWith("SELECT 2"))).toEqual(["2:SELECT 2"])
        }),
      { ...one, poolPrePing: true },
    ))
})

describe("poolPrePing", () => {
  const options = { ...one, poolPrePing: true }

  it("asks connections that were used before, and replaces the dead", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* Effect.scoped(engine.connect)
          database.fail("ping", disconnect())
          const conn = yield* engine.connect
          expect(conn.driverConnection).toBe(2)
          expect(database.taken()).toEqual(["1:connect", "1:ping", "1:terminate", "2:connect", "2:ping"])
        }),
      options,
    ))

  it("gives up typed after three dead connections and keeps the slot", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* Effect.scoped(engine.connect)
          for (let tries = 0; tries < 3; tries++) database.fail("ping", disconnect())
          const error = yield* Effect.flip(Effect.scoped(engine.connect))
          expect(error).toMatchObject({ _tag: "DisconnectionError" })
          yield* Effect.scoped(engine.connect)
          expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, checkedOut: 0 })
        }),
      options,
    ))

  it("loses no slot when it is interrupted, while asking or while connecting again", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* Effect.scoped(engine.connect)
          const ping = database.hold("ping")
          const asking = yield* Effect.fork(Effect.scoped(engine.connect))
          yield* ping.reached
          yield* Fiber.interrupt(asking)
          yield* Effect.scoped(engine.connect)
          database.fail("ping", disconnect())
          const connect = database.hold("connect")
          const connecting = yield* Effect.fork(Effect.scoped(engine.connect))
          yield* connect.reached
          yield* Fiber.interrupt(connecting)
          yield* connect.open
          yield* Effect.scoped(engine.connect)
          expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, checkedOut: 0, waiting: 0 })
        }),
      options,
    ))
})

describe("poolRecycle", () => {
  it("replaces a connection that has grown old", async () => {
    const database = new ScriptedDatabase()
    const program = Effect.gen(function* () {
      const engine = yield* createAsyncEngine("sqlite://", { driver: database.driver, ...one, poolRecycle: "1 hour" })
      yield* Effect.scoped(engine.connect)
      yield* TestClock.adjust("59 minutes")
      expect(
        yield* engine.connect.pipe(
          Effect.map((conn) => conn.driverConnection),
          Effect.scoped,
        ),
      ).toBe(1)
      yield* TestClock.adjust("2 minutes")
      expect(
        yield* engine.connect.pipe(
          Effect.map((conn) => conn.driverConnection),
          Effect.scoped,
        ),
      ).toBe(2)
      expect(database.taken()).toEqual(["1:connect", "1:close", "2:connect"])
    })
    await Effect.runPromise(Effect.provide(Effect.scoped(program), TestContext.TestContext))
  })
})

describe("dispose", () => {
  it("closes idle connections now and borrowed ones on their return; the engine opens new ones", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const borrowed = yield* borrow(engine)
        yield* Effect.scoped(engine.connect)
        yield* engine.dispose()
        expect(database.closed).toEqual([2])
        const next = yield* borrow(engine)
        expect(next.conn.driverConnection).toBe(3)
        yield* borrowed.giveBack
        expect([...database.closed].sort()).toEqual([1, 2])
        yield* next.giveBack
        expect(engine.pool.statistics()).toMatchObject({ checkedIn: 1, checkedOut: 0 })
      }),
    ))

  it("gives new connections to those who wait", () =>
    withEngine(
      (engine) =>
        Effect.gen(function* () {
          const { giveBack } = yield* borrow(engine)
          const waiting = yield* Effect.fork(Effect.scoped(Effect.map(engine.connect, (conn) => conn.driverConnection)))
          yield* Effect.yieldNow()
          yield* engine.dispose()
          expect(yield* Fiber.join(waiting)).toBe(2)
          yield* giveBack
        }),
      one,
    ))

  it("waits for what is being returned, and ends by force what hangs", async () => {
    const database = new ScriptedDatabase()
    const program = Effect.gen(function* () {
      const engine = yield* createAsyncEngine("sqlite://", { driver: database.driver })
      const gate = database.hold("reset")
      yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SELECT 1")))
      yield* gate.reached
      const disposing = yield* Effect.fork(engine.dispose())
      yield* TestClock.adjust("4 seconds")
      expect(database.closed).toEqual([])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(disposing)
      expect(database.taken().slice(-2)).toEqual(["1:reset", "1:terminate"])
      yield* gate.open
    })
    await Effect.runPromise(Effect.provide(Effect.scoped(program), TestContext.TestContext))
  })

  const leaving = {
    "a block": (engine: AsyncEngine) => engine.begin((conn) => conn.execDriverSql("SELECT 1")),
    "one statement": (engine: AsyncEngine) => engine.execute(textClause("SELECT 1")),
  }
  it.each(["a block", "one statement"] as const)(
    "waits for a statement of %s that was left, and ends it by force",
    (name) => {
      const program = Effect.gen(function* () {
        for (const ends of [true, false]) {
          const database = new ScriptedDatabase()
          database.ignoresCancel = true
          const engine = yield* createAsyncEngine("sqlite://", { driver: database.driver })
          const gate = database.hold("SELECT 1")
          const left = yield* Effect.fork(leaving[name](engine))
          yield* gate.reached
          yield* Fiber.interrupt(left)
          const disposing = yield* Effect.fork(engine.dispose())
          yield* TestClock.adjust("4 seconds")
          expect([database.closed, disposing.unsafePoll()]).toEqual([[], null])
          if (ends) yield* gate.open
          else yield* TestClock.adjust("2 seconds")
          yield* Fiber.join(disposing)
          expect([database.closed, engine.pool.statistics().closed]).toEqual([[1], 1])
          expect(database.log.includes("1:terminate")).toBe(!ends)
        }
      })
      return Effect.runPromise(Effect.provide(Effect.scoped(program), TestContext.TestContext))
    },
  )

  it("waits for what is being opened and closes it; who waits for it gets another", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const gate = database.hold("connect")
        const waiting = yield* Effect.fork(Effect.scoped(engine.connect))
        yield* gate.reached
        const disposing = yield* Effect.fork(engine.dispose())
        yield* Fiber.join(waiting)
        expect(database.closed).toEqual([])
        const closing = database.hold("close")
        yield* gate.open
        yield* closing.reached
        expect(disposing.unsafePoll()).toBeNull()
        yield* closing.open
        yield* Fiber.join(disposing)
        expect(database.closed).toEqual([1])
        expect(database.connections).toBe(2)
      }),
    ))

  it("stops what takes too long to open", async () => {
    const database = new ScriptedDatabase()
    const program = Effect.gen(function* () {
      const engine = yield* createAsyncEngine("sqlite://", { driver: database.driver })
      const gate = database.hold("connect")
      const waiting = yield* Effect.fork(Effect.scoped(engine.connect))
      yield* gate.reached
      yield* Fiber.interrupt(waiting)
      const disposing = yield* Effect.fork(engine.dispose())
      yield* TestClock.adjust("6 seconds")
      yield* Fiber.join(disposing)
      expect(database.closed).toEqual([1])
    })
    await Effect.runPromise(Effect.provide(Effect.scoped(program), TestContext.TestContext))
  })

  it("happens when the engine's scope ends, after which nobody gets a connection, those who wait included", async () => {
    const database = new ScriptedDatabase()
    const scope = await Effect.runPromise(Scope.make())
    const engine = await Effect.runPromise(
      Scope.extend(createAsyncEngine("sqlite://", { driver: database.driver, ...one }), scope),
    )
    const outer = await Effect.runPromise(Scope.make())
    await Effect.runPromise(Scope.extend(engine.connect, outer))
    const waiting = Effect.runFork(Effect.scoped(engine.connect))
    await Effect.runPromise(Effect.yieldNow())
    await Effect.runPromise(Scope.close(scope, Exit.void))
    const closed = { _tag: "ResourceClosedError" }
    expect(await Effect.runPromise(Effect.flip(Fiber.join(waiting)))).toMatchObject(closed)
    expect(await Effect.runPromise(Effect.flip(Effect.scoped(engine.connect)))).toMatchObject(closed)
    expect(database.closed).toEqual([])
    await Effect.runPromise(Scope.close(outer, Exit.void))
    expect(database.closed).toEqual([1])
  })
})
