import { Backend, InlineBackend } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Tracer from "effect/Tracer"
import { describe, expect, it } from "vitest"
import {
  ArgumentError,
  AsyncEngine,
  type AsyncEngineOptions,
  createAsyncEngine,
  findDriver,
  integer,
  makeUrl,
  NoSuchModuleError,
  registerDriver,
  registeredDrivers,
  select,
  table,
  textClause,
} from "../../src/index.ts"
import { driverError, ScriptedDatabase } from "../driver/scripted-driver.ts"
import { withEngine } from "./open.ts"

const users = table("users", { id: integer().primaryKey() })

const creation = (url: string, options?: AsyncEngineOptions) =>
  Effect.runPromise(Effect.flip(Effect.scoped(createAsyncEngine(url, options))))

describe("createAsyncEngine", () => {
  it("does no I/O", () =>
    withEngine((engine, database) =>
      Effect.sync(() => {
        expect(database.connections).toBe(0)
        expect([engine.name, engine.driver, engine.url.toString()]).toEqual(["sqlite", "scripted", "sqlite://"])
      }),
    ))

  const { driver } = new ScriptedDatabase()
  it.each<[string, object, string]>([
    ["an unknown option", { pool_size: 3 }, 'unknown option "pool_size"; did you mean "poolSize"?'],
    ["an option that resembles none", { nonsense: 3 }, "known options: driver, placement"],
    ["poolSize", { poolSize: -1 }, "poolSize must be an integer of 0 or more; got -1"],
    ["maxOverflow", { maxOverflow: 1.5 }, "maxOverflow"],
    ["poolTimeout", { poolTimeout: "soon" }, "poolTimeout must be a duration"],
    ["a negative poolTimeout", { poolTimeout: -1 }, "poolTimeout must be a duration"],
    ["poolRecycle", { poolRecycle: Number.NaN }, "poolRecycle must be a duration"],
    ["poolPrePing", { poolPrePing: 1 }, "poolPrePing must be a boolean; got 1"],
    [
      "poolClass",
      { poolClass: "stack" },
      'poolClass must be "queue" or "null" or "static" or "assertion"; got "stack"',
    ],
    ["poolResetOnReturn", { poolResetOnReturn: false }, 'poolResetOnReturn must be "rollback", "commit" or null'],
    ["poolSize with another class", { poolClass: "null", poolSize: 1 }, 'no meaning with poolClass "null"'],
    ["placement", { placement: "moon" }, 'placement must be "worker" or "inline"; got "moon"'],
    ["isolationLevel", { isolationLevel: "CHAOS" }, 'isolationLevel must be one of "AUTOCOMMIT", "SERIALIZABLE"'],
    ["executionOptions", { executionOptions: { yieldPer: 0 } }, "yieldPer must be an integer of 1 or more"],
    ["an unknown execution option", { executionOptions: { yield: 1 } }, 'unknown option "yield"'],
    ["connectArgs", { connectArgs: 7 }, "connectArgs must be an object"],
    ["queryCacheSize", { queryCacheSize: -1 }, "queryCacheSize"],
    ["loggingName", { loggingName: 7 }, "loggingName must be a string"],
    ["driver", { driver: "better-sqlite3" }, "driver must be a driver"],
  ])("refuses %s and says what is right", async (_, options, message) => {
    const error = await creation("sqlite://", { driver, ...options })
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toContain(message)
  })

  it("refuses a wrong URL, and a driver for another dialect", async () => {
    expect(await creation("app.db", { driver })).toBeInstanceOf(ArgumentError)
    const other = await creation("postgresql://h/d", { driver })
    expect(other).toMatchObject({ _tag: "ArgumentError", message: expect.stringContaining('"postgresql"') })
  })

  it("hands the URL's options to the driver, where connectArgs win, and keeps placement for itself", async () => {
    const database = new ScriptedDatabase()
    const seen: Array<unknown> = []
    const spying = {
      ...database.driver,
      connect: (...args: Parameters<typeof database.driver.connect>) => {
        seen.push(args[1])
        return database.driver.connect(...args)
      },
    }
    const connected = createAsyncEngine("sqlite:///x?placement=inline&a=1&b=2", {
      driver: spying,
      connectArgs: { b: true },
    }).pipe(Effect.flatMap((engine) => engine.connect))
    await Effect.runPromise(Effect.scoped(connected))
    expect(seen).toEqual([
      {
        placement: "inline",
        connectArgs: { a: "1", b: true },
        backend: expect.objectContaining({ name: Backend.detect().name }),
      },
    ])
  })

  it("starts threads by the backend of its options, else of the context, else of the runtime", async () => {
    const database = new ScriptedDatabase()
    const seen: Array<string> = []
    const spying = {
      ...database.driver,
      connect: (...args: Parameters<typeof database.driver.connect>) => {
        seen.push((args[1].backend as Backend.BackendService).name)
        return database.driver.connect(...args)
      },
    }
    const connect = (options: AsyncEngineOptions) =>
      Effect.scoped(
        Effect.flatMap(createAsyncEngine("sqlite://", { driver: spying, ...options }), (engine) => engine.connect),
      )
    await Effect.runPromise(connect({ backend: InlineBackend.backend }))
    await Effect.runPromise(Effect.provide(connect({}), InlineBackend.layer))
    await Effect.runPromise(connect({}))
    expect(seen).toEqual(["inline", "inline", Backend.detect().name])
  })
})

describe("AsyncEngine", () => {
  it("is a service, made by its layer", async () => {
    const database = new ScriptedDatabase()
    const program = Effect.flatMap(AsyncEngine, (engine) => engine.begin((conn) => conn.execDriverSql("SELECT 1")))
    await Effect.runPromise(Effect.provide(program, AsyncEngine.layer("sqlite://", { driver: database.driver })))
    expect(database.log).toEqual(["1:connect", "1:BEGIN", "1:SELECT 1", "1:commit", "1:close"])
  })

  it("fails its layer typed", async () => {
    const layer = AsyncEngine.layer("nonsense")
    expect(await Effect.runPromise(Effect.flip(Layer.launch(layer)))).toBeInstanceOf(ArgumentError)
  })

  it("shares its pool with engines of other options", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const auto = engine.executionOptions({ isolationLevel: "AUTOCOMMIT", yieldPer: 3 })
        expect(auto.pool).toBe(engine.pool)
        expect([auto.getExecutionOptions(), engine.getExecutionOptions()]).toEqual([
          { isolationLevel: "AUTOCOMMIT", yieldPer: 3 },
          {},
        ])
        expect(() => engine.executionOptions({ isolationLevel: "CHAOS" })).toThrow(ArgumentError)
        yield* Effect.scoped(auto.connect)
        yield* Effect.scoped(engine.connect)
        expect(database.connections).toBe(1)
      }),
    ))

  it("lends the driver's own connection, and resets it afterwards", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        yield* Effect.scoped(
          Effect.flatMap(engine.rawConnection, ({ connection, driverConnection }) => {
            expect(driverConnection).toBe(1)
            const call = { sql: "VACUUM", parameters: [], prelude: [], isWrite: true, bigints: false }
            return Effect.async<void>((resume) => connection.execute(call, () => resume(Effect.void)))
          }),
        )
        yield* Effect.scoped(engine.connect)
        expect(database.taken()).toEqual(["1:connect", "1:VACUUM", "1:reset"])
      }),
    ))

  it("logs statements with echo, and their values unless they are hidden", async () => {
    for (const hideParameters of [false, true]) {
      const lines: Array<string> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message, annotations }) => {
          lines.push(`${String(message)} ${JSON.stringify([...annotations])}`)
        }),
      )
      await withEngine(
        (engine) =>
          engine
            .begin((conn) =>
              conn.execDriverSql("INSERT ?", ["secret"], { executionOptions: { loggingToken: "job 7" } }),
            )
            .pipe(Effect.provide(logger)),
        { echo: true, hideParameters, loggingName: "main" },
      )
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain("[job 7] INSERT ?")
      expect(lines[0]).toContain('["engine","main"]')
      expect(lines[0]?.includes("secret")).toBe(!hideParameters)
    }
  })

  it("logs statements that are transactions of their own, alone and in lists", async () => {
    const lines: Array<string> = []
    const logger = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ message }) => {
        lines.push(String(message))
      }),
    )
    await withEngine(
      (engine) =>
        Effect.zipRight(
          engine.execute(textClause("INSERT 1")),
          engine.executeAll([textClause("INSERT 2"), textClause("INSERT 3")], {
            executionOptions: { loggingToken: "a" },
          }),
        ).pipe(Effect.provide(logger)),
      { echo: true },
    )
    expect(lines).toEqual(["INSERT 1", "[a] INSERT 2", "[a] INSERT 3"])
  })

  it("makes a span for each statement where a tracer is installed", () =>
    withEngine((engine, database) =>
      Effect.gen(function* () {
        const spans: Array<Record<string, unknown>> = []
        const tracer = Tracer.make({
          context: (run) => run(),
          span: (name, parent, context, links, startTime, kind) => {
            const attributes = new Map<string, unknown>()
            return {
              _tag: "Span",
              spanId: "1",
              traceId: "1",
              sampled: true,
              name,
              parent,
              context,
              links,
              kind,
              attributes,
              status: { _tag: "Started", startTime },
              attribute: (key, value) => void attributes.set(key, value),
              addLinks: () => {},
              event: () => {},
              end: (_, exit) => {
                spans.push({ name, kind, ok: exit._tag, ...Object.fromEntries(attributes) })
              },
            }
          },
        })
        database.answers.set('SELECT "users"."id" FROM "users"', [["id"], []])
        database.fail("INSERT ? x2", driverError())
        yield* engine
          .begin((conn) =>
            Effect.zipRight(conn.execute(select(users)), Effect.exit(conn.execDriverSql("INSERT ?", [[1], [2]]))),
          )
          .pipe(Effect.withTracer(tracer))
        expect(spans).toEqual([
          {
            name: "sql.execute",
            kind: "client",
            ok: "Success",
            "db.system.name": "sqlite",

            "db.operation.name": "SELECT",
            "db.query.text": 'SELECT "users"."id" FROM "users"',
          },
          expect.objectContaining({ "db.operation.name": "INSERT", "db.operation.batch.size": 2 }),
        ])
        spans.length = 0
        yield* Effect.withTracer(engine.execute(select(users)), tracer)
        yield* Effect.withTracer(engine.executeAll([select(users), textClause("DELETE 1")]), tracer)
        expect(spans.map((span) => [span["db.operation.name"], span.ok])).toEqual([
          ["SELECT", "Success"],
          ["SELECT", "Success"],
          ["DELETE", "Success"],
        ])
      }),
    ))
})

describe("the driver registry", () => {
  it("finds drivers by dialect and name", () => {
    const { driver } = new ScriptedDatabase()
    const named = { ...driver, dialect: { ...driver.dialect, name: "scripted_db" } }
    registerDriver(named)
    registerDriver({ ...named, name: "other" })
    expect(registeredDrivers()).toContain(named)
    expect(findDriver(makeUrl("scripted_db://"))).toEqual(Either.right(named))
    expect(Either.getOrThrow(findDriver(makeUrl("scripted_db+other://"))).name).toBe("other")
    const missing = Either.getOrThrow(Either.flip(findDriver(makeUrl("scripted_db+none://"))))
    expect(missing).toBeInstanceOf(NoSuchModuleError)
    expect(missing.message).toContain('registered are "scripted_db+scripted", "scripted_db+other"')
  })

  it.each([
    ["sqlite://", 'install @offloop/driver-sqlite and add import "@offloop/driver-sqlite"'],
    ["postgresql://h/d", 'install @offloop/driver-pg and add import "@offloop/driver-pg"'],
    ["postgres://h/d", 'install @offloop/driver-pg and add import "@offloop/driver-pg"'],
    ["Postgres://h/d", 'did you mean "postgresql://"?'],
    ["psql://h/d", 'did you mean "postgresql://"?'],
    ["SQLite://", 'did you mean "sqlite://"?'],
    ["oracle://h/d", "there are drivers for "],
    ["sqllite://", 'did you mean "sqlite://"?'],
  ])("says of %s what to do", async (url, remedy) => {
    const error = await creation(url)
    expect(error).toBeInstanceOf(NoSuchModuleError)
    expect(error.message).toContain(remedy)
  })
})
