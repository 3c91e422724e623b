import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { select, textClause } from "../../src/promise.ts"
import { driverError } from "../driver/scripted-driver.ts"
import { rejection, selectUsers, setUp, users } from "./world.ts"

const reason = new Error("enough")
const one = textClause("SELECT 1")

describe("a signal", () => {
  it("that was aborted before leaves nothing to do for any call", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const before = database.taken()
    const options = { signal: AbortSignal.abort(reason) }
    const iterate = async (rows: AsyncIterable<unknown>) => {
      for await (const _row of rows);
    }
    for (const call of [
      () => engine.connect(options),
      () => engine.begin(() => 1, options),
      () => engine.rawConnection(options),
      () => engine.dispose(options),
      () => engine.execute(one, undefined, options),
      () => engine.scalar(one, undefined, options),
      () => engine.scalars(one, undefined, options),
      () => engine.executeAll([one], options),
      () => iterate(engine.stream(one, undefined, options)),
      () => conn.execute(one, undefined, options),
      () => conn.scalar(one, undefined, options),
      () => conn.scalars(one, undefined, options),
      () => conn.execDriverSql("SELECT 1", [], options),
      () => iterate(conn.stream(one, undefined, options)),
      () => conn.begin(() => 1, options),
      () => conn.beginNested(() => 1, options),
      () => conn.beginTransaction(options),
      () => conn.beginNestedTransaction(options),
      () => conn.commit(options),
      () => conn.rollback(options),
      () => conn.getIsolationLevel(options),
      () => conn.invalidate(options),
    ]) {
      expect(await rejection(call()), String(call)).toBe(reason)
    }
    expect([before, database.taken()]).toEqual([["1:connect"], []])
    expect([conn.inTransaction(), conn.invalidated]).toEqual([false, false])
  })

  it("that is none is refused", async () => {
    const { engine } = await setUp()
    await using _ = engine
    expect(await rejection(engine.execute(one, undefined, { signal: 7 as never }))).toMatchObject({
      _tag: "ArgumentError",
      message: "signal must be an AbortSignal; got 7",
    })
  })

  it("does not take back a COMMIT that is under way: its outcome is the call's", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    for (const fails of [false, true]) {
      const gate = database.hold("commit")
      if (fails) database.fail("commit", driverError({ kind: "IntegrityError" }))
      const controller = new AbortController()
      const committing = engine.begin((conn) => conn.execDriverSql("INSERT 1").then(() => 42), controller)
      await Effect.runPromise(gate.reached)
      controller.abort(reason)
      Effect.runSync(gate.open)
      if (fails) expect(await rejection(committing)).toMatchObject({ _tag: "IntegrityError" })
      else expect(await committing).toBe(42)
    }
  })

  it("takes back a block whose COMMIT waits behind a statement", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.ignoresCancel = true
    const gate = database.hold("INSERT slow")
    const controller = new AbortController()
    let forgotten: Promise<unknown> | undefined
    const block = engine.begin(async (conn) => {
      forgotten = rejection(conn.execDriverSql("INSERT slow"))
    }, controller)
    await Effect.runPromise(gate.reached)
    await Promise.resolve()
    controller.abort(reason)
    expect(await rejection(block)).toBe(reason)
    expect(await forgotten).toMatchObject({ name: "AbortError" })
    Effect.runSync(gate.open)
    await engine.execute(one)
    expect(database.log.filter((step) => /commit|rollback/.test(step))).toEqual(["1:rollback"])
  })

  it("ends a stream in its middle, whose statement is cancelled and whose cursor is closed", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    const controller = new AbortController()
    const seen: Array<number> = []
    const read = async () => {
      for await (const row of conn.stream(select(users), undefined, {
        executionOptions: { yieldPer: 1 },
        signal: controller.signal,
      })) {
        seen.push(row.id)
        if (row.id === 2) controller.abort(reason)
      }
    }
    expect(await rejection(read())).toBe(reason)
    expect(seen).toEqual([1, 2])
    await conn.commit()
    expect(database.log.slice(-2)).toEqual(["1:close cursor", "1:commit"])
  })

  it("ends a stream while it waits for rows, at once", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    await using conn = await engine.connect()
    for (const step of [`cursor ${selectUsers}`, "fetch 1"]) {
      const gate = database.hold(step)
      const controller = new AbortController()
      const read = async () => {
        const options = { executionOptions: { yieldPer: 1 }, signal: controller.signal }
        for await (const _row of conn.stream(select(users), undefined, options));
      }
      const reading = read()
      await Effect.runPromise(gate.reached)
      controller.abort(reason)
      expect(await rejection(reading)).toBe(reason)
      expect(await rejection(conn.execute(one))).toMatchObject({ _tag: "PendingRollbackError" })
      await conn.rollback()
      expect(await conn.scalar(select(users))).toBe(1)
      await conn.rollback()
    }
  })

  it("shared by very many calls has one listener, and none when they have ended", async () => {
    const { database, engine } = await setUp({ poolSize: 1, maxOverflow: 0 })
    await using _ = engine
    const controller = new AbortController()
    const listeners = { added: 0, removed: 0 }
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.added++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.removed++
      remove(...args)
    }
    await using conn = await engine.connect()
    const gate = database.hold("SELECT 1")
    const calls = Array.from({ length: 40_000 }, () => conn.execute(one, undefined, { signal }))
    expect(listeners).toEqual({ added: 1, removed: 0 })
    Effect.runSync(gate.open)
    await Promise.all(calls)
    expect(listeners).toEqual({ added: 1, removed: 1 })

    const second = database.hold("SELECT 1")
    const aborted = Promise.allSettled(Array.from({ length: 40_000 }, () => conn.execute(one, undefined, { signal })))
    await Effect.runPromise(second.reached)
    controller.abort(reason)
    const outcomes = await aborted
    expect(outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason === reason)).toBe(true)
    await conn.rollback()
  })
})
