import { describe, expect, expectTypeOf, it } from "vitest"
import {
  ArgumentError,
  type Connection,
  createEngine,
  type Engine,
  type EngineOptions,
  InvalidRequestError,
  insert,
  integer,
  type Result,
  select,
  table,
  text,
  textClause,
} from "../../src/sync.ts"
import { driverError, ScriptedDatabase } from "../driver/scripted-driver.ts"

const users = table("users", { id: integer().primaryKey(), name: text() })
const selectUsers = 'SELECT "users"."id", "users"."name" FROM "users"'
const mine = new Error("mine")

const setUp = (options: EngineOptions = {}) => {
  const database = new ScriptedDatabase()
  database.answers.set(selectUsers, [
    ["id", "name"],
    [1, "ann", 2, "bo", 3, "cy"],
  ])
  const engine = createEngine("sqlite://", { driver: database.driver, ...options })
  return { database, engine }
}

describe("the sync style", () => {
  it("runs statements, commits blocks and closes what `using` holds", () => {
    const { database, engine } = setUp()
    {
      using _ = engine
      const value = engine.begin((conn) => {
        conn.execute(insert(users).values({ id: 1, name: "ann" }))
        return 42
      })
      expect(value).toBe(42)
      using conn = engine.connect()
      expect(conn.execute(select(users)).all()).toHaveLength(3)
      expect([conn.scalar(select(users)), conn.scalars(select(users)).all()]).toEqual([1, [1, 2, 3]])
      conn.commit()
    }
    expect(database.log).toEqual([
      "1:connect",
      "1:BEGIN IMMEDIATE",
      '1:INSERT INTO "users" ("id", "name") VALUES (?, ?)',
      "1:commit",
      "1:BEGIN",
      `1:${selectUsers}`,
      `1:${selectUsers}`,
      `1:${selectUsers}`,
      "1:commit",
      "1:close",
    ])
  })

  it("throws the typed error itself, and rolls back", () => {
    const { database, engine } = setUp()
    using _ = engine
    database.fail("INSERT 1", driverError({ kind: "IntegrityError" }))
    expect(() => engine.begin((conn) => conn.execDriverSql("INSERT 1"))).toThrow(
      expect.objectContaining({
        _tag: "IntegrityError",
        driverError: expect.objectContaining({ kind: "IntegrityError" }),
      }),
    )
    const thrown = () =>
      engine.begin((conn) => {
        conn.execDriverSql("INSERT 2")
        throw mine
      })
    expect(thrown).toThrow(mine)
    expect(database.log.slice(-3)).toEqual(["1:BEGIN", "1:INSERT 2", "1:rollback"])
  })

  it("nests blocks and hands out transactions", () => {
    const { database, engine } = setUp()
    using _ = engine
    engine.begin((conn) => {
      conn.beginNested((savepoint) => {
        expect([savepoint.nested, conn.getNestedTransaction() === savepoint]).toEqual([true, true])
        conn.execDriverSql("INSERT 1")
      })
      expect(() =>
        conn.beginNested(() => {
          conn.execDriverSql("INSERT 2")
          throw mine
        }),
      ).toThrow(mine)
    })
    using conn = engine.connect()
    const transaction = conn.beginTransaction()
    const savepoint = conn.beginNestedTransaction()
    conn.execDriverSql("INSERT 3")
    savepoint.rollback()
    transaction.commit()
    expect(() => transaction.commit()).toThrow(InvalidRequestError)
    expect(
      database.log.filter((step) => /INSERT|SAVEPOINT|commit/.test(step)).map((step) => step.slice(2, 12)),
    ).toEqual([
      "SAVEPOINT ",
      "INSERT 1",
      "RELEASE SA",
      "SAVEPOINT ",
      "INSERT 2",
      "ROLLBACK T",
      "RELEASE SA",
      "commit",
      "SAVEPOINT ",
      "INSERT 3",
      "ROLLBACK T",
      "RELEASE SA",
      "commit",
    ])
  })

  it("gives rows bit by bit, and closes the cursor when the loop is left", () => {
    const { database, engine } = setUp()
    using _ = engine
    using conn = engine.connect()
    const rows = conn.stream(select(users), undefined, { executionOptions: { yieldPer: 1 } })
    for (const row of rows) if (row.id === 2) break
    expect(database.log.at(-1)).toBe("1:close cursor")
    expect([...rows].map((row) => row.id)).toEqual([1, 2, 3])
    conn.rollback()
    expect([...engine.stream(select(users))]).toHaveLength(3)
    expect(database.log.slice(-2)).toEqual(["2:close cursor", "2:commit"])
  })

  it("runs single statements and lists of them in transactions of their own", () => {
    const { database, engine } = setUp()
    using _ = engine
    expect([engine.scalar(select(users)), engine.scalars(select(users)).all()]).toEqual([1, [1, 2, 3]])
    const [inserted, all] = engine.executeAll([textClause("INSERT 1"), select(users)])
    expectTypeOf(all).toEqualTypeOf<Result<{ id: number; name: string }>>()
    expect([inserted.rowCount, all.all()]).toEqual([1, expect.objectContaining({ length: 3 })])
    database.fail("INSERT 2")
    expect(() => engine.executeAll([textClause("INSERT 1"), textClause("INSERT 2")])).toThrow("INSERT 2")
    expect(database.log.slice(-1)).toEqual(["1:reset"])
    expect(() => engine.executeAll([])).toThrow(ArgumentError)
  })

  it("has options, the driver's own connection, and can be disposed of and used again", () => {
    const { database, engine } = setUp()
    using _ = engine
    {
      using conn = engine.executionOptions({ isolationLevel: "AUTOCOMMIT" }).connect()
      expect([conn.getIsolationLevel(), conn.executionOptions({ yieldPer: 3 }) === conn]).toEqual(["AUTOCOMMIT", true])
      conn.invalidate()
      expect(conn.invalidated).toBe(true)
      using raw = engine.rawConnection()
      expect(raw.driverConnection).toBe(2)
    }
    engine.dispose()
    engine.dispose({ close: false })
    engine.execute(textClause("SELECT 1"))
    expect(engine.pool.statistics()).toMatchObject({ opened: 3, checkedIn: 1 })
    expect(database.closed).toEqual([1, 2])
  })
})

describe("a synchronous call that would have to wait", () => {
  const wouldWait = expect.objectContaining({
    _tag: "InvalidRequestError",
    message: expect.stringMatching(/synchronous call cannot.*Close connections.*@offloop\/orm-async\/promise/),
  })

  it("throws at once, and leaves an engine that works", () => {
    const { database, engine } = setUp({ poolSize: 1, maxOverflow: 0 })
    using _ = engine
    {
      using _conn = engine.connect()
      expect(() => engine.connect()).toThrow(wouldWait)
      expect(() => engine.begin(() => 1)).toThrow(wouldWait)
      expect(() => engine.execute(textClause("SELECT 1"))).toThrow(wouldWait)
    }
    engine.execute(textClause("SELECT 2"))
    expect(engine.pool.statistics()).toMatchObject({ waiting: 0, checkedIn: 1 })
    expect(database.log.filter((step) => step.includes("SELECT"))).toEqual(["1:SELECT 2"])
  })

  it("throws where a database answers later", () => {
    const { database, engine } = setUp()
    using conn = engine.connect()
    database.hold("SELECT 1")
    expect(() => conn.scalar(textClause("SELECT 1"))).toThrow(wouldWait)
    expect(() => conn.scalar(textClause("SELECT 2"))).toThrow(wouldWait)
    expect(database.breaches).toEqual([])
  })

  it("is a block that returns a promise, which is rolled back", () => {
    const { database, engine } = setUp()
    using _ = engine
    const block = () =>
      engine.begin(async (conn) => {
        conn.execDriverSql("INSERT 1")
      })
    expect(block).toThrow("The block returned a promise")
    expect(database.log.at(-1)).toBe("1:rollback")
  })
})

describe("createEngine", () => {
  it("refuses what only an engine with workers can do, and wrong options by its own name", () => {
    const { driver } = new ScriptedDatabase()
    for (const [url, options] of [
      ["sqlite://?placement=worker", { driver }],
      ["sqlite://", { driver, placement: "worker" }],
    ] as const) {
      expect(() => createEngine(url, options as EngineOptions)).toThrow('createEngine: placement must be "inline"')
    }
    expect(() => createEngine("sqlite://", { driver, poolSize: -1 })).toThrow("createEngine: poolSize must be")
    expect(() => createEngine("nonsense")).toThrow(ArgumentError)
  })

  it("has types that follow from the one description", () => {
    const types = (engine: Engine, conn: Connection) => {
      expectTypeOf(engine.connect).returns.toExtend<Connection & Disposable>()
      expectTypeOf(conn.execute(select(users))).toEqualTypeOf<Result<{ id: number; name: string }>>()
      expectTypeOf(conn.execute(select(users)).one()).toEqualTypeOf<{ id: number; name: string }>()
      expectTypeOf(conn.commit).returns.toEqualTypeOf<void>()
      expectTypeOf(conn.stream(select(users))).toEqualTypeOf<Iterable<{ id: number; name: string }>>()
      expectTypeOf(engine.begin(() => 7)).toEqualTypeOf<number>()
      expectTypeOf(conn.begin((transaction) => transaction.isActive)).toEqualTypeOf<boolean>()
    }
    expect(types).toBeTypeOf("function")
  })
})
