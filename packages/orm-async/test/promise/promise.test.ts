import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import { describe, expect, expectTypeOf, it } from "vitest"
import {
  type AsyncConnection,
  type AsyncEngine,
  AsyncSession,
  type AsyncTransaction,
  asyncSessionMaker,
  createAsyncEngine,
  Entity,
  findDriver,
  insert,
  makeUrl,
  NoSuchModuleError,
  type Result,
  registerDriver,
  select,
} from "../../src/promise.ts"
import { driverError, ScriptedDatabase } from "../driver/scripted-driver.ts"
import { rejection, selectUsers, setUp, users } from "./world.ts"

describe("the Promise style", () => {
  it("runs statements, commits blocks and closes what `await using` holds", async () => {
    const { database, engine } = await setUp()
    {
      await using _ = engine
      const value = await engine.begin(async (conn) => {
        await conn.execute(insert(users).values({ id: 1, name: "ann" }))
        return 42
      })
      expect(value).toBe(42)
      await using conn = await engine.connect()
      const result = await conn.execute(select(users))
      expect(result.all()).toHaveLength(3)
      await conn.commit()
    }
    expect(database.log).toEqual([
      "1:connect",
      "1:BEGIN IMMEDIATE",
      '1:INSERT INTO "users" ("id", "name") VALUES (?, ?)',
      "1:commit",
      "1:BEGIN",
      `1:${selectUsers}`,
      "1:commit",
      "1:close",
    ])
  })

  it("rejects with the typed error itself", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const failure = driverError({ kind: "IntegrityError" })
    database.fail("INSERT 1", failure)
    const error = await rejection(engine.begin((conn) => conn.execDriverSql("INSERT 1")))
    expect(error).toMatchObject({ _tag: "IntegrityError", driverError: { kind: "IntegrityError" } })
    expect(await rejection(createAsyncEngine("nonsense"))).toMatchObject({ _tag: "ArgumentError" })
  })

  it("rolls back when a callback throws, and rejects with what it threw", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const mine = new Error("mine")
    const thrown = engine.begin(async (conn) => {
      await conn.execDriverSql("INSERT 1")
      throw mine
    })
    expect(await rejection(thrown)).toBe(mine)
    const atOnce = engine.begin(() => {
      throw mine
    })
    expect(await rejection(atOnce)).toBe(mine)
    expect(database.log.slice(-2)).toEqual(["1:INSERT 1", "1:rollback"])
  })

  it("throws where a result has not the one row that it should have", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const several = await conn.execute(select(users))
    expect(() => several.one()).toThrow(expect.objectContaining({ _tag: "MultipleResultsFound" }))
    database.answers.set(selectUsers, [
      ["id", "name"],
      [1, "ann"],
    ])
    expect((await conn.execute(select(users))).one()).toEqual({ id: 1, name: "ann" })
    expect((await conn.execute(select(users))).scalars("name").one()).toBe("ann")
    expect(
      (await conn.execute(select(users)))
        .unique((row) => row.id)
        .freeze()()
        .all(),
    ).toHaveLength(1)
    expect([...(await conn.execute(select(users)))]).toHaveLength(1)
    expect(await conn.scalar(select(users))).toBe(1)
  })

  it("streams rows, and closes the cursor when the loop is left", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const stream = conn.stream(select(users), undefined, { executionOptions: { yieldPer: 1 } })
    const seen: Array<number> = []
    for await (const row of stream) {
      seen.push(row.id)
      if (row.id === 2) break
    }
    expect(seen).toEqual([1, 2])
    expect(database.log.at(-1)).toBe("1:close cursor")
    for await (const row of stream) seen.push(row.id)
    expect(seen).toEqual([1, 2, 1, 2, 3])
    database.fail("fetch 1")
    const failing = async () => {
      for await (const _row of stream) seen.push(0)
    }
    expect(await rejection(failing())).toMatchObject({ _tag: "OperationalError" })
  })

  it("gives rows in order to calls that are made at once, and an end to all that come after it", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => 2
    const rows = engine.stream(select(users), undefined, { executionOptions: { yieldPer: 1 } })[Symbol.asyncIterator]()
    const results = await Promise.all(Array.from({ length: 6 }, () => rows.next()))
    expect(results.map(({ value }) => value?.id)).toEqual([1, 2, 3, undefined, undefined, undefined])
    expect(database.log.slice(-2)).toEqual(["1:close cursor", "1:commit"])
  })

  it("nests blocks, whichever of the connection's objects they are asked of", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await engine.begin(async (conn) => {
      await conn.beginNested(async (savepoint) => {
        expect([savepoint.nested, savepoint.isActive]).toEqual([true, true])
        await conn.beginNested(async () => {
          await conn.execDriverSql("INSERT 1")
        })
      })
      expect(conn.inTransaction()).toBe(true)
      expect(conn.getTransaction()?.nested).toBe(false)
    })
    expect(database.log.filter((step) => step.includes("RELEASE"))).toHaveLength(2)
  })

  it("gives the same object for the same thing", async () => {
    const { engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const transaction = await conn.beginTransaction()
    expect(conn.getTransaction()).toBe(transaction)
    expect(await conn.executionOptions({ yieldPer: 3 })).toBe(conn)
    await transaction.rollback()
    expect(transaction.isActive).toBe(false)
  })

  it("interrupts a call when its signal is aborted, and rejects with the signal's reason", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const gate = database.hold("SELECT 1")
    const controller = new AbortController()
    const running = engine.begin((conn) => conn.execDriverSql("SELECT 1"), { signal: controller.signal })
    await Effect.runPromise(gate.reached)
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await rejection(running)).toBe(reason)
    expect(await rejection(engine.connect({ signal: controller.signal }))).toBe(reason)
    expect(database.connections).toBe(1)
    await engine.begin((conn) => conn.execDriverSql("SELECT 2"))
    expect(database.log.slice(-4)).toEqual(["1:rollback", "1:BEGIN", "1:SELECT 2", "1:commit"])
    expect(database.breaches).toEqual([])
  })

  it("interrupts one statement by its own signal", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const gate = database.hold(selectUsers)
    const controller = new AbortController()
    const running = conn.execute(select(users), undefined, { signal: controller.signal })
    await Effect.runPromise(gate.reached)
    controller.abort()
    expect(await rejection(running)).toMatchObject({ name: "AbortError" })
    expect(await rejection(conn.execute(select(users)))).toMatchObject({ _tag: "PendingRollbackError" })
    await conn.rollback()
  })

  it("lets a callback that outlives its interrupted block do nothing more", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const controller = new AbortController()
    const started = Deferred.unsafeMake<void>(FiberId.none)
    let later: Promise<unknown> | undefined
    const block = engine.begin(
      async (conn) => {
        await conn.execDriverSql("INSERT 1")
        await Effect.runPromise(Deferred.succeed(started, undefined))
        await new Promise((resolve) => controller.signal.addEventListener("abort", resolve))
        later = rejection(conn.execDriverSql("INSERT 2"))
        await later
      },
      { signal: controller.signal },
    )
    await Effect.runPromise(Deferred.await(started))
    controller.abort()
    await rejection(block)
    expect(await later).toMatchObject({ name: "AbortError" })
    expect(database.log.includes("1:INSERT 2")).toBe(false)
  })

  it("lends the driver's own connection until the block ends", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    {
      await using raw = await engine.rawConnection()
      expect(raw.driverConnection).toBe(1)
    }
    await using conn = await engine.connect()
    expect(conn.closed).toBe(false)
    expect(database.log).toEqual(["1:connect", "1:reset"])
  })

  it("has engines with other options, and can be disposed of and used again", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const auto = engine.executionOptions({ isolationLevel: "AUTOCOMMIT" })
    {
      await using conn = await auto.connect()
      await conn.execDriverSql("INSERT 1")
      expect(await conn.getIsolationLevel()).toBe("AUTOCOMMIT")
    }
    await engine.dispose()
    await engine.begin((conn) => conn.execDriverSql("INSERT 2"))
    expect(database.log.filter((step) => step.endsWith("connect"))).toEqual(["1:connect", "2:connect"])
    expect(engine.pool.statistics().opened).toBe(2)
  })

  it("has sessions with every member of the Effect style's", async () => {
    class User extends Entity(users) {}
    const { database, engine } = await setUp()
    await using _ = engine
    const sessions = asyncSessionMaker(engine)
    const ann = await sessions.begin(async (session) => {
      const user = new User({ id: 7, name: "ann" })
      session.add(user)
      await session.flush()
      return user
    })
    expect(ann.name).toBe("ann")
    await using session = await AsyncSession.make(engine, { autoflush: false })
    const all = (await session.scalars(select(User))).all()
    expect(all.map((user) => user.name)).toEqual(["ann", "bo", "cy"])
    // A class is no callback.
    expect(await session.get(User, 1)).toBe(all[0])
    for await (const user of session.stream(select(User))) expect(user).toBeInstanceOf(User)
    expect(session.autoflush).toBe(false)
    session.autoflush = true
    expect(session.autoflush).toBe(true)
    await session.commit()
    expect(database.log.filter((step) => step.endsWith("commit"))).toHaveLength(2)
    expectTypeOf(session.get(User, 1)).toEqualTypeOf<Promise<User | null>>()
    expect(await rejection(AsyncSession.make(engine, { autoflush: 1 as never }))).toMatchObject({
      _tag: "ArgumentError",
    })
  })

  it("has types that follow from the Effect style's", async () => {
    const types = async (engine: AsyncEngine, conn: AsyncConnection) => {
      expectTypeOf(engine.connect).returns.resolves.toExtend<AsyncConnection & AsyncDisposable>()
      expectTypeOf(conn.execute(select(users))).toEqualTypeOf<Promise<Result<{ id: number; name: string }>>>()
      expectTypeOf((await conn.execute(select(users))).one()).toEqualTypeOf<{ id: number; name: string }>()
      expectTypeOf(conn.commit).returns.toEqualTypeOf<Promise<void>>()
      expectTypeOf(conn.stream(select(users))).toEqualTypeOf<AsyncIterable<{ id: number; name: string }>>()
      expectTypeOf(engine.begin(async () => 7)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(conn.begin((transaction) => transaction.isActive)).toEqualTypeOf<Promise<boolean>>()
      expectTypeOf(conn.getTransaction()).toExtend<AsyncTransaction | null>()
      // @ts-expect-error a block of the Effect style is not one of the Promise style
      expectTypeOf(engine.begin(() => Effect.succeed(7))).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error a signal is no parameter
      await conn.execute(select(users), { executionOptions: {} }, AbortSignal.abort())
    }
    expect(types).toBeTypeOf("function")
  })
})

describe("the driver registry in the Promise style", () => {
  it("gives the driver of a URL, or throws", () => {
    const { driver } = new ScriptedDatabase()
    const named = { ...driver, dialect: { ...driver.dialect, name: "promised_db" } }
    registerDriver(named)
    expect(findDriver(makeUrl("promised_db://"))).toBe(named)
    expect(() => findDriver(makeUrl("promised_db+none://"))).toThrow(NoSuchModuleError)
  })
})
