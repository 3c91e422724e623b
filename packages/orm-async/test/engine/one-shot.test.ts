import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { EngineCore } from "../../src/engine/engine-core.ts"
import type { AsyncEngineOptions } from "../../src/engine/engine-options.ts"
import { engineSettings } from "../../src/engine/engine-settings.ts"
import { eq } from "../../src/expression/index.ts"
import type { Outcome } from "../../src/operation/outcome.ts"
import { integer, table } from "../../src/schema/index.ts"
import { insert, select, textClause } from "../../src/statement/index.ts"
import { failing, ManualDatabase, ManualTimer } from "../driver/manual-driver.ts"

const numbers = table("numbers", { n: integer().primaryKey() })
const query = (n: number) => select(numbers).where(eq(numbers.c.n, n))
const queryText = 'SELECT "numbers"."n" FROM "numbers" WHERE "numbers"."n" = ?'
const write = insert(numbers).values({ n: 1 })
const writeText = 'INSERT INTO "numbers" ("n") VALUES (?)'

const world = (options: AsyncEngineOptions = {}, prepare: (database: ManualDatabase) => void = () => {}) => {
  const database = new ManualDatabase()
  prepare(database)
  const timer = new ManualTimer()
  const logged: Array<string> = []
  const engine = new EngineCore(engineSettings("sqlite://", { driver: database.driver, ...options }), {
    timer,
    log: (_level, message) => logged.push(message),
  })
  const outcomes: Array<Outcome<unknown>> = []
  const run = (statement: Parameters<typeof engine.execute>[0]) => {
    const call = engine.execute(statement, undefined, {})
    call.start((outcome) => outcomes.push(outcome))
    return call
  }
  return { database, engine, timer, outcomes, run, logged }
}

/** Makes a statement known as a quick one. */
const learn = ({ run, database, timer }: ReturnType<typeof world>, statement = query(0)): void => {
  run(statement)
  timer.pass(0.01)
  for (const { pending } of database.connections) pending[0]?.answer([1])
}

describe("one-shot statements", () => {
  it("are sent one by one while it is not known how long they take", () => {
    const { database, run, timer } = world()
    run(query(1))
    run(query(2))
    run(query(3))
    expect(database.pending).toEqual([[queryText]])
    timer.pass(0.01)
    database.connections[0]?.pending[0]?.answer([1])
    expect(database.pending).toEqual([Array(2).fill(queryText)])
  })

  it("get another connection when they wait for long, one at a time", () => {
    const { database, run, timer } = world({ poolSize: 3 })
    for (let n = 1; n <= 4; n++) run(query(n))
    expect(database.connections).toHaveLength(1)
    timer.pass(6)
    expect(database.pending).toEqual([[queryText], [queryText]])
    timer.pass(6)
    expect(database.pending).toEqual([[queryText], [queryText], [queryText]])
    timer.pass(60)
    expect(database.connections).toHaveLength(3)
  })

  it("share a connection once they are known to be quick", () => {
    const all = world()
    learn(all)
    for (let n = 1; n <= 6; n++) all.run(query(n))
    all.timer.pass(6)
    expect(all.database.pending).toEqual([Array(4).fill(queryText), Array(2).fill(queryText)])
  })

  it("are not sent behind one that is slow", () => {
    const all = world()
    learn(all)
    all.run(textClause("SELECT slow()"))
    for (let n = 1; n <= 4; n++) all.run(query(n))
    all.timer.pass(6)
    expect(all.database.pending).toEqual([["SELECT slow()"], Array(4).fill(queryText)])
    all.run(query(5))
    expect(all.database.pending[0]).toEqual(["SELECT slow()"])
    all.database.connections[1]?.pending[0]?.answer([1])
    expect(all.database.pending[1]).toHaveLength(4)
  })

  it("that wait behind one which turns out to be slow are taken back and sent elsewhere", () => {
    const all = world({}, (database) => {
      database.canWithdraw = true
    })
    learn(all)
    for (let n = 1; n <= 4; n++) all.run(query(n))
    const [first] = all.database.connections
    expect(all.database.pending).toEqual([Array(4).fill(queryText)])
    all.timer.pass(7)
    expect(first?.pending).toHaveLength(1)
    const others = all.database.connections[1]?.pending ?? []
    expect(others).toHaveLength(3)
    for (const { answer } of [...others]) answer([1])
    expect(all.outcomes.filter(({ ok }) => ok)).toHaveLength(4)
  })

  it("give their connection back when nothing is under way", () => {
    const all = world()
    learn(all)
    all.run(query(1))
    expect(all.engine.pool.checkedOut()).toBe(1)
    all.database.connections[0]?.pending[0]?.answer([1])
    expect(all.engine.pool.checkedOut()).toBe(0)
    expect(all.database.connections[0]?.resets).toBe(0)
  })

  it("leave connections to those who wait for one", () => {
    const all = world({ poolSize: 1 })
    learn(all)
    all.run(query(1))
    all.run(query(2))
    const connected: Array<Outcome<unknown>> = []
    all.engine.connect({}).start((outcome) => connected.push(outcome))
    const { pending } = all.database.connections[0] as { readonly pending: ReadonlyArray<{ answer: () => void }> }
    pending[0]?.answer()
    expect(connected).toEqual([])
    pending[0]?.answer()
    expect(connected).toHaveLength(1)
  })

  it("that write go over one connection where only one can write at a time", () => {
    const all = world({}, (database) => {
      database.concurrentWriters = false
    })
    learn(all)
    learn(all, write as never)
    all.run(write as never)
    all.run(write as never)
    all.run(query(1))
    expect(all.database.pending.flat().filter((sql) => sql === writeText)).toHaveLength(2)
    expect(all.database.pending.filter((sqls) => sqls.includes(writeText))).toHaveLength(1)
    expect(all.database.pending.filter((sqls) => sqls.includes(queryText))).toEqual([[queryText]])
  })

  it("are withdrawn by a caller that leaves before they are sent", () => {
    const { run, database, outcomes, engine } = world({ poolSize: 1 })
    run(query(1))
    const second = run(query(2))
    expect(second.leave()).toBe("gone")
    database.connections[0]?.pending[0]?.answer([1])
    expect(database.pending).toEqual([[]])
    expect(outcomes).toHaveLength(1)
    expect(engine.pool.checkedOut()).toBe(0)
  })

  it("are cancelled by a caller that leaves when nothing else is under way beside them", () => {
    const all = world()
    const call = all.run(query(1))
    expect(call.leave()).toBe("later")
    expect(all.database.connections[0]?.cancels).toBe(1)
    all.database.connections[0]?.pending[0]?.answer([1])
    expect(all.outcomes.map(({ ok }) => ok)).toEqual([false])
    expect(all.engine.pool.checkedOut()).toBe(0)
  })

  it("fail alone", () => {
    const all = world()
    learn(all)
    all.run(query(1))
    all.run(query(2))
    all.database.connections[0]?.pending[0]?.fail(failing())
    all.database.connections[0]?.pending[0]?.answer([2])
    expect(all.outcomes.slice(1).map(({ ok }) => ok)).toEqual([false, true])
    expect(all.engine.pool.checkedIn()).toBe(1)
  })

  it("that change the session have it reset before it is lent again", () => {
    const { run, database } = world()
    run(textClause("SET x"))
    const [connection] = database.connections
    if (connection !== undefined) connection.sessionChanged = true
    connection?.pending[0]?.answer()
    expect(connection?.resets).toBe(1)
  })

  it("are refused at once when as many wait as may", () => {
    const { run, outcomes } = world({ poolSize: 1, maxWaiting: 1 })
    run(query(1))
    run(query(2))
    run(query(3))
    expect(outcomes).toMatchObject([{ ok: false, error: { _tag: "QueueFullError" } }])
  })

  it("wait for a connection that can be opened, though none may wait for one in use", () => {
    for (const options of [{ maxWaiting: 0 }, { poolTimeout: 0 }]) {
      const { database, run, outcomes, timer } = world({ poolSize: 1, ...options })
      run(query(1))
      expect(database.pending).toEqual([[queryText]])
      run(query(2))
      const tag = "maxWaiting" in options ? "QueueFullError" : "TimeoutError"
      expect(outcomes).toMatchObject([{ ok: false, error: { _tag: tag } }])
      timer.pass(0.01)
      database.connections[0]?.pending[0]?.answer([1])
      expect(outcomes).toMatchObject([{ ok: false }, { ok: true }])
    }
  })

  it("wait on behind another where the pool lends no second connection", () => {
    for (const options of [{ poolClass: "assertion" as const }, { poolSize: 1, maxWaiting: 1 }]) {
      const { database, run, outcomes, timer } = world(options)
      run(query(1))
      run(query(2))
      timer.pass(1_000)
      expect(outcomes).toEqual([])
      for (const _ of [1, 2]) database.connections[0]?.pending[0]?.answer([1])
      expect(outcomes).toMatchObject([{ ok: true }, { ok: true }])
    }
  })

  it("never run in a transaction that a borrower has left open", () => {
    const { database, engine, run } = world({ poolSize: 1, poolResetOnReturn: null })
    run(query(1))
    const [connection] = database.connections
    connection?.pending[0]?.answer([1])
    engine.pool.checkout().start((outcome) => {
      if (!outcome.ok || connection === undefined) throw new Error("no connection")
      connection.transaction = "open"
      engine.pool.release(outcome.value, "usable")
    })
    run(query(2))
    expect(connection).toMatchObject({ transaction: "none", resets: 1 })
    expect(database.pending).toEqual([[queryText]])
  })

  it("time out as those who ask for a connection do", () => {
    const { run, outcomes, timer, engine } = world({ poolSize: 1, poolTimeout: 100 })
    run(query(1))
    run(query(2))
    timer.pass(60)
    run(query(3))
    timer.pass(50)
    expect(outcomes).toMatchObject([{ ok: false, error: { _tag: "TimeoutError" } }])
    timer.pass(50)
    expect(outcomes).toHaveLength(2)
    expect(engine.pool.statistics()).toMatchObject({ checkedOut: 1, waiting: 0 })
  })

  it("run exactly once each, whatever is answered, withdrawn, lost and left meanwhile", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("run" as const), write: fc.boolean() }),
      fc.record({ kind: fc.constant("answer" as const), connection: fc.nat(3), how: fc.nat(9) }),
      fc.record({ kind: fc.constant("leave" as const), call: fc.nat(20) }),
      fc.record({ kind: fc.constant("pass" as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), fc.boolean(), (steps, canWithdraw, writers) => {
        const { database, engine, timer } = world({ poolSize: 2, poolTimeout: 1_000_000 }, (made) => {
          made.canWithdraw = canWithdraw
          made.concurrentWriters = writers
        })
        const told: Array<number> = []
        const calls: Array<{ leave: () => string; left: boolean }> = []
        const execute = (isWrite: boolean) => {
          const call = engine.execute((isWrite ? write : query(1)) as never, undefined, {})
          const index = calls.length
          told.push(0)
          calls.push({ leave: () => call.leave(), left: false })
          call.start(() => {
            told[index] = (told[index] as number) + 1
          })
        }
        const answer = (connection: number, how: number) => {
          const all = database.connections.filter(({ pending }) => pending.length > 0)
          const one = all[connection % Math.max(1, all.length)]
          const [next] = one?.pending ?? []
          if (one === undefined || next === undefined) return
          if (how === 0) {
            one.isOpen = false
            for (const call of [...one.pending]) call.fail(failing({ isDisconnect: true }))
          } else if (how === 1) next.fail(failing())
          else next.answer([1])
        }
        for (const one of steps) {
          if (one.kind === "run") execute(one.write)
          else if (one.kind === "answer") answer(one.connection, one.how)
          else if (one.kind === "pass") timer.pass(2)
          else {
            const call = calls[one.call]
            if (call === undefined || call.left || told[one.call] !== 0) continue
            call.left = true
            // Nobody is told of a call that is gone.
            if (call.leave() === "gone") told[one.call] = 1
          }
        }
        for (let turn = 0; turn < 500 && database.pending.some((sqls) => sqls.length > 0); turn++) answer(turn, 5)
        expect(told).toEqual(told.map(() => 1))
        expect(engine.pool.statistics()).toMatchObject({ checkedOut: 0, waiting: 0, connecting: 0 })
        expect(engine.oneShots.waiting).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe("executeAll", () => {
  const all = (options: AsyncEngineOptions = {}) => {
    const made = world(options)
    const outcomes: Array<Outcome<unknown>> = []
    made.engine.executeAll([write as never, query(1) as never], {}).start((outcome) => outcomes.push(outcome))
    return { ...made, outcomes }
  }

  it("is one round trip", () => {
    const { database, outcomes, engine } = all()
    expect(database.pending).toEqual([[`BEGIN IMMEDIATE; ${writeText}; ${queryText}; COMMIT`]])
    database.connections[0]?.pending[0]?.answer([1])
    expect(outcomes.map(({ ok }) => ok)).toEqual([true])
    expect(engine.pool.checkedOut()).toBe(0)
  })

  it("names the statement that failed", () => {
    const { database, outcomes } = all()
    database.connections[0]?.pending[0]?.fail(failing({ failedCall: 1 }))
    expect(outcomes).toMatchObject([{ ok: false, error: { _tag: "OperationalError", statement: queryText } }])
  })
})
