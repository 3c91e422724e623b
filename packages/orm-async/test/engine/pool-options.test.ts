import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import type { DriverConnection } from "../../src/driver/driver.ts"
import type { DriverError } from "../../src/errors/driver-error.ts"
import { type Driver, textClause } from "../../src/index.ts"
import { driverError, ScriptedDatabase } from "../driver/scripted-driver.ts"
import { withEngine } from "./open.ts"

describe("maxWaiting", () => {
  it("refuses whoever would wait behind that many, before anything is sent", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          const gate = database.hold("SELECT 1")
          const first = yield* Effect.fork(engine.begin((conn) => conn.execDriverSql("SELECT 1")))
          yield* gate.reached
          const second = yield* Effect.fork(engine.begin((conn) => conn.execDriverSql("SELECT 2")))
          yield* Effect.repeat(Effect.yieldNow(), { until: () => engine.pool.statistics().waiting === 1 })
          const third = yield* Effect.flip(engine.begin((conn) => conn.execDriverSql("SELECT 3")))
          expect(third).toMatchObject({ _tag: "QueueFullError", message: expect.stringContaining("1 callers wait") })
          yield* gate.open
          yield* Fiber.join(first)
          yield* Fiber.join(second)
          expect(database.log.some((step) => step.includes("SELECT 3"))).toBe(false)
          yield* engine.begin((conn) => conn.execDriverSql("SELECT 4"))
        }),
      { poolSize: 1, maxOverflow: 0, maxWaiting: 1 },
    ))
})

describe("the pool class assertion", () => {
  it("refuses a second borrower at once, and tells where the first one is", () =>
    withEngine(
      (engine) =>
        Effect.gen(function* () {
          yield* Effect.scoped(
            Effect.gen(function* () {
              yield* engine.connect
              const error = yield* Effect.flip(engine.connect)
              expect(error).toMatchObject({
                _tag: "InvalidRequestError",
                message: expect.stringContaining("in use already"),
                cause: expect.objectContaining({ stack: expect.stringContaining("taken here") }),
              })
            }),
          )
          yield* Effect.scoped(engine.connect)
          expect(engine.pool.statistics()).toMatchObject({ poolClass: "assertion", opened: 1 })
        }),
      { poolClass: "assertion" },
    ))
})

describe("creator", () => {
  it("opens connections in the place of the driver, whose errors are those of connecting", () => {
    const created: Array<string> = []
    const other = new ScriptedDatabase()
    const creator: Driver["connect"] = (url, options, done) => {
      created.push(`${url} ${options.placement}`)
      return other.driver.connect(url, options, done)
    }
    return withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* engine.begin((conn) => conn.execDriverSql("SELECT 1"))
          yield* engine.dispose()
          other.fail("connect", driverError({ message: "no password" }))
          const error = yield* Effect.flip(Effect.scoped(engine.connect))
          expect(error).toMatchObject({ _tag: "OperationalError", message: expect.stringContaining("no password") })
          expect([created, database.log]).toEqual([["sqlite:// worker", "sqlite:// worker"], []])
        }),
      { creator },
    )
  })
})

describe("a creator that does not keep to the contract", () => {
  const open = (creator: (database: ScriptedDatabase) => Driver["connect"]) => {
    const database = new ScriptedDatabase()
    return withEngine(
      (engine) =>
        Effect.gen(function* () {
          const told = yield* Effect.either(engine.begin((conn) => conn.execDriverSql("SELECT 1")))
          expect(engine.pool.statistics()).toMatchObject({ connecting: 0, waiting: 0, checkedOut: 0 })
          if (told._tag === "Right") return
          expect(told.left).toMatchObject({
            _tag: "InterfaceError",
            message: expect.stringMatching(/creator, or the driver's connect.*(mine|no connection)/),
          })
          // Its slot is free again: nobody waits for it in vain.
          expect(yield* Effect.flip(engine.execute(textClause("SELECT 1")))).toMatchObject({ _tag: "InterfaceError" })
        }),
      { poolSize: 1, maxOverflow: 0, creator: creator(database) },
    ).then(() => database)
  }
  const mine = new Error("mine")

  it("throws, rejects, or tells something that is no connection", async () => {
    await open(() => () => {
      throw mine
    })
    await open(() => (async () => Promise.reject(mine)) as unknown as Driver["connect"])
    await open(() => (_url, _options, done) => {
      done({ ok: false, error: mine as unknown as DriverError })
      return { cancel: () => {} }
    })
    await open(() => (_url, _options, done) => {
      done({ ok: true, value: undefined as unknown as DriverConnection })
      return { cancel: () => {} }
    })
  })

  it("is async, or tells twice: its first answer counts, and a second connection is ended", async () => {
    const late = await open(
      ({ driver }) =>
        (async (url, options, done) => {
          await undefined
          return driver.connect(url, options, done)
        }) as (...args: Parameters<Driver["connect"]>) => Promise<unknown> as unknown as Driver["connect"],
    )
    expect(late.connections).toBe(1)
    const twice = await open(({ driver }) => (url, options, done) => {
      driver.connect(url, options, (outcome) => {
        done(outcome)
        done(outcome)
      })
      return driver.connect(url, options, done)
    })
    expect([...twice.closed].sort()).toEqual([1, 2])
  })
})

describe("poolResetOnReturn null", () => {
  it("lends a connection as it was given back, unless nobody knows what it does", () =>
    withEngine(
      (engine, database) =>
        Effect.gen(function* () {
          yield* Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execDriverSql("SET a = 1")))
          yield* Effect.scoped(
            Effect.gen(function* () {
              const conn = yield* engine.connect
              expect(conn.inTransaction()).toBe(true)
              yield* conn.execDriverSql("SELECT 1")
              yield* conn.commit
              yield* conn.execDriverSql("SELECT 2")
              yield* conn.rollback
            }),
          )
          expect(database.taken()).toEqual([
            "1:connect",
            "1:BEGIN",
            "1:SET a = 1",
            "1:SELECT 1",
            "1:commit",
            "1:BEGIN",
            "1:SELECT 2",
            "1:rollback",
          ])
          yield* Effect.scoped(engine.rawConnection)
          expect(database.taken()).toEqual(["1:reset"])
        }),
      { poolResetOnReturn: null },
    ))
})

describe("dispose", () => {
  it("forgets connections instead of closing them when it is told so", () => {
    const database = new ScriptedDatabase()
    return withEngine(
      (engine) =>
        Effect.gen(function* () {
          yield* Effect.scoped(engine.connect)
          yield* engine.dispose({ close: false })
          expect([database.closed, engine.pool.checkedIn()]).toEqual([[], 0])
          yield* Effect.scoped(engine.connect)
          expect(database.taken()).toEqual(["1:connect", "2:connect"])
          yield* engine.dispose()
          expect(database.closed).toEqual([2])
        }),
      { driver: database.driver },
    )
  })

  it("refuses what is no option", () =>
    withEngine((engine) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          engine.dispose({ close: 1 as never }) as Effect.Effect<void, { readonly _tag: string }>,
        )
        expect(error).toMatchObject({ _tag: "ArgumentError", message: "dispose: close must be a boolean; got 1" })
      }),
    ))
})
