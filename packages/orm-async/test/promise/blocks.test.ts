import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import type { AsyncConnection } from "../../src/promise.ts"
import { driverError } from "../driver/scripted-driver.ts"
import { rejection, setUp } from "./world.ts"

const mine = new Error("mine")

describe("a block whose callback forgets an await", () => {
  it("commits after the statements that were begun in it", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => 3
    let forgotten: Promise<unknown> | undefined
    await engine.begin(async (conn) => {
      void conn.execDriverSql("INSERT 1")
      forgotten = conn.execDriverSql("INSERT 2")
    })
    await forgotten
    expect(database.log).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", "1:INSERT 2", "1:commit"])
  })

  it("refuses what is called when it has ended, by a message that names the statement and the remedy", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => 9
    let late: Promise<unknown> | undefined
    const work = async (conn: AsyncConnection) => {
      await conn.execDriverSql("INSERT 1")
      await conn.execDriverSql("INSERT 2")
    }
    await engine.begin(async (conn) => {
      late = rejection(work(conn))
    })
    const error = await late
    expect(error).toMatchObject({
      _tag: "InvalidRequestError",
      message: expect.stringContaining("INSERT 2 was not sent. An await is probably missing"),
    })
    // Bun names files and lines of asynchronous callers, but not their functions.
    expect((error as Error).stack).toContain("blocks.test.ts")
    expect(database.log).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", "1:commit"])
  })

  it("rejects the forgotten call with an error that names its statement and the remedy", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => 3
    database.fail("INSERT 1")
    let forgotten: Promise<unknown> | undefined
    await engine.begin(async (conn) => {
      forgotten = rejection(conn.execDriverSql("INSERT 1"))
    })
    const error = await forgotten
    expect(error).toMatchObject({
      _tag: "OperationalError",
      message: expect.stringMatching(
        /\[SQL: INSERT 1\][\s\S]*The block that made this call had ended before it failed\. An await is probably missing/,
      ),
    })
    expect((error as Error).stack).toContain("An await is probably missing")
  })

  it("is not blamed for calls that fail after the callback has failed", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => 3
    database.fail("INSERT 1")
    let other: Promise<unknown> | undefined
    const block = engine.begin(async (conn) => {
      other = rejection(conn.execDriverSql("INSERT 1"))
      throw mine
    })
    expect(await rejection(block)).toBe(mine)
    expect(await other).toMatchObject({ message: expect.not.stringContaining("probably missing") })
  })

  it("can leave its connection to a later block, since that is not its own", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const kept = await conn.begin(async (transaction) => transaction)
    expect(await rejection(kept.commit())).toMatchObject({
      message: expect.stringContaining("An await is probably missing"),
    })
    await conn.begin(() => conn.execDriverSql("INSERT 1"))
    expect(database.log).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", "1:commit"])
  })
})

describe("blocks that overlap", () => {
  it("fail where the savepoint of one was rolled back with that of another", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    let second: Promise<unknown> | undefined
    await engine.begin(async (conn) => {
      let fail = (): void => {}
      const first = conn.beginNested(async () => {
        await conn.execDriverSql("INSERT 1")
        await new Promise<void>((resolve) => {
          fail = resolve
        })
        throw mine
      })
      second = rejection(
        conn.beginNested(async () => {
          await conn.execDriverSql("INSERT 2")
          fail()
          expect(await rejection(first)).toBe(mine)
        }),
      )
      await second
    })
    expect(await second).toMatchObject({
      _tag: "InvalidRequestError",
      message: expect.stringContaining("so that nothing of it remains"),
    })
    expect(database.log.at(-1)).toBe("1:commit")
  })

  it("fail where one ends well while another inside of it is open, and nothing is committed", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const block = engine.begin(async (conn) => {
      let end = (): void => {}
      const first = rejection(
        conn.beginNested(
          () =>
            new Promise<void>((resolve) => {
              end = resolve
            }),
        ),
      )
      await Promise.resolve()
      const second = conn.beginNested(async () => {
        end()
        return first
      })
      expect(await second.catch((error) => error)).toMatchObject({ message: expect.stringContaining("did not end") })
      expect(await first).toMatchObject({ message: expect.stringContaining("is still running") })
    })
    expect(await rejection(block)).toMatchObject({ _tag: "PendingRollbackError" })
    expect(database.log.includes("1:commit")).toBe(false)
  })
})

describe("a block whose transaction the database has ended", () => {
  it.each([
    ["a ROLLBACK that is executed as SQL", "ROLLBACK", false],
    ["a COMMIT that is executed as SQL", "COMMIT", false],
    ["an error that rolls back", "INSERT dup", true],
  ])("by %s refuses everything that follows, and fails", async (_, text, fails) => {
    const { database, engine } = await setUp()
    await using _engine = engine
    if (fails) {
      database.ending.add(text)
      database.fail(text, driverError({ kind: "IntegrityError" }))
    }
    const refused = {
      _tag: "PendingRollbackError",
      message: expect.stringContaining("the database has ended it already"),
    }
    const block = engine.begin(async (conn) => {
      await conn.execDriverSql("INSERT 1")
      await conn.execDriverSql(text).catch(() => {})
      expect(await rejection(conn.execDriverSql("INSERT 2"))).toMatchObject(refused)
      expect(await rejection(conn.beginNested(() => 1))).toMatchObject(refused)
    })
    expect(await rejection(block)).toMatchObject(refused)
    expect(database.log.slice(0, 4)).toEqual(["1:connect", "1:BEGIN", "1:INSERT 1", `1:${text}`])
    expect(database.log.some((step) => /INSERT 2|commit/.test(step))).toBe(false)
    await engine.begin((conn) => conn.execDriverSql("INSERT 3"))
    expect(database.log.slice(-3)).toEqual(["1:BEGIN", "1:INSERT 3", "1:commit"])
  })
})

describe("a block that is aborted", () => {
  it("rejects at once, and rolls back when the statement has ended", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.ignoresCancel = true
    const gate = database.hold("INSERT slow")
    const controller = new AbortController()
    let inside: Promise<unknown> | undefined
    const block = engine.begin((conn) => {
      inside = rejection(conn.execDriverSql("INSERT slow"))
      return inside
    }, controller)
    await Effect.runPromise(gate.reached)
    controller.abort(mine)
    expect(await rejection(block)).toBe(mine)
    expect(await inside).toMatchObject({ name: "AbortError" })
    expect([database.log.at(-1), engine.pool.checkedOut()]).toEqual(["1:INSERT slow", 1])
    Effect.runSync(gate.open)
    await engine.dispose()
    expect(database.log.slice(-2)).toEqual(["1:rollback", "1:close"])
  })
})

describe("a rollback that fails", () => {
  it("leaves the block's own error, and is written to the log", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    const logged: Array<string> = []
    const { warn } = console
    console.warn = (line: string) => logged.push(line)
    try {
      database.fail("rollback")
      const block = engine.begin(async (conn) => {
        await conn.execDriverSql("INSERT 1")
        throw mine
      })
      expect(await rejection(block)).toBe(mine)
    } finally {
      console.warn = warn
    }
    expect(logged).toEqual([
      expect.stringMatching(/^offloop: The clean-up after an error failed as well: OperationalError: .*ROLLBACK/),
    ])
  })
})
