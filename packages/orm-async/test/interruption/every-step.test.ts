import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { AsyncEngineOptions, AsyncEngine as EffectEngine } from "../../src/index.ts"
import {
  createAsyncEngine as createEffectEngine,
  Entity,
  asyncSessionMaker as effectSessions,
  integer,
  select,
  table,
  text,
  textClause,
} from "../../src/index.ts"
import {
  createAsyncEngine as createPromiseEngine,
  type AsyncEngine as PromiseEngine,
  asyncSessionMaker as promiseSessions,
} from "../../src/promise.ts"
import { disconnect, driverError, type Gate, ScriptedDatabase } from "../driver/scripted-driver.ts"

const numbers = table("numbers", { n: integer().primaryKey() })
const selectNumbers = 'SELECT "numbers"."n" FROM "numbers"'
const yieldPer = { executionOptions: { yieldPer: 2 } }
const sql = (statement: string) => textClause(statement)

const letters = table("letters", { letter: text().primaryKey(), note: text() })
const selectLetters = 'SELECT "letters"."letter", "letters"."note" FROM "letters"'
class Letter extends Entity(letters) {}
const letter = (name: string) => new Letter({ letter: name, note: "new" })

/** What a program does with an engine, in the Effect style. */
const effects: Record<string, (engine: EffectEngine) => Effect.Effect<unknown, unknown>> = {
  connect: (engine) => Effect.scoped(engine.connect),
  "execute and commit": (engine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) => Effect.zipRight(conn.execute(select(numbers)), conn.commit)),
    ),
  "execute and roll back": (engine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) => Effect.zipRight(conn.execute(sql("INSERT 1")), conn.rollback)),
    ),
  "a block": (engine) => engine.begin((conn) => conn.execute(sql("INSERT 1"))),
  "a block that fails": (engine) =>
    Effect.flip(engine.begin((conn) => Effect.zipRight(conn.execute(sql("INSERT 1")), Effect.fail("mine")))),
  "nested blocks": (engine) =>
    engine.begin((conn) =>
      Effect.zipRight(
        conn.beginNested(() => conn.execute(sql("INSERT 1"))),
        Effect.flip(conn.beginNested(() => Effect.zipRight(conn.execute(sql("INSERT 2")), Effect.fail("mine")))),
      ),
    ),
  "transactions by handle": (engine) =>
    Effect.scoped(
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const transaction = yield* conn.beginTransaction
        const savepoint = yield* conn.beginNestedTransaction
        yield* conn.execute(sql("INSERT 1"))
        yield* savepoint.rollback
        yield* transaction.commit
      }),
    ),
  stream: (engine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) => Stream.runDrain(conn.stream(select(numbers), undefined, yieldPer))),
    ),
  "a stream that is abandoned": (engine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) =>
        Stream.runDrain(Stream.take(conn.stream(select(numbers), undefined, yieldPer), 1)),
      ),
    ),
  "one statement": (engine) => engine.execute(select(numbers)),
  "one statement that writes": (engine) => engine.executeAll([sql("INSERT 1"), sql("INSERT 2")]),
  "a stream of one statement": (engine) => Stream.runDrain(engine.stream(select(numbers), undefined, yieldPer)),
  "the isolation level": (engine) => Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.getIsolationLevel)),
  "a raw connection": (engine) => Effect.scoped(engine.rawConnection),
  "a session that reads and writes": (engine) =>
    Effect.scoped(
      Effect.gen(function* () {
        const session = yield* effectSessions(engine).session
        session.add(letter("x"))
        const loaded = yield* session.getOne(Letter, "a")
        loaded.note = "changed"
        yield* session.flush
        yield* Stream.runDrain(session.stream(select(Letter), undefined, yieldPer))
        yield* session.refresh(loaded)
        yield* session.rollback
        session.delete(loaded)
        yield* session.commit
      }),
    ),
  "a session that only commits": (engine) =>
    Effect.scoped(
      Effect.flatMap(effectSessions(engine).session, (session) => {
        session.add(letter("x"))
        return session.commit
      }),
    ),
  "blocks of a session": (engine) =>
    effectSessions(engine).begin((session) =>
      Effect.gen(function* () {
        session.add(letter("x"))
        yield* session.beginNested((nested) => nested.execute(sql("INSERT 1")))
        yield* Effect.flip(
          session.beginNested((nested) => {
            nested.add(letter("y"))
            return Effect.zipRight(nested.flush, Effect.fail("mine"))
          }),
        )
        session.add(letter("z"))
      }),
    ),
  "a block of a session that fails": (engine) =>
    Effect.flip(
      effectSessions(engine).begin((session) => Effect.zipRight(session.execute(sql("INSERT 1")), Effect.fail("mine"))),
    ),
  dispose: (engine) =>
    Effect.zipRight(
      engine.begin((conn) => conn.execute(sql("INSERT 1"))),
      engine.dispose(),
    ),
}

const mine = new Error("mine")
const throwing = (_: unknown): never => {
  throw mine
}
const expectMine = (error: unknown): void => {
  if (error !== mine) throw error
}

/** The same in the Promise style, where every call takes the signal. */
const promises: Record<string, (engine: PromiseEngine, options: { signal: AbortSignal }) => Promise<unknown>> = {
  connect: async (engine, options) => {
    await using _conn = await engine.connect(options)
  },
  "execute and commit": async (engine, options) => {
    await using conn = await engine.connect(options)
    await conn.execute(select(numbers), undefined, options)
    await conn.commit(options)
  },
  "execute and roll back": async (engine, options) => {
    await using conn = await engine.connect(options)
    await conn.execute(sql("INSERT 1"), undefined, options)
    await conn.rollback(options)
  },
  "a block": (engine, options) => engine.begin((conn) => conn.execute(sql("INSERT 1")), options),
  "a block that fails": (engine, options) =>
    engine.begin(async (conn) => throwing(await conn.execute(sql("INSERT 1"))), options).catch(expectMine),
  "nested blocks": (engine, options) =>
    engine.begin(async (conn) => {
      await conn.beginNested(() => conn.execute(sql("INSERT 1")))
      await conn.beginNested(async () => throwing((await conn.execute(sql("INSERT 2"))) as never)).catch(expectMine)
    }, options),
  "transactions by handle": async (engine, options) => {
    await using conn = await engine.connect(options)
    const transaction = await conn.beginTransaction(options)
    const savepoint = await conn.beginNestedTransaction(options)
    await conn.execute(sql("INSERT 1"), undefined, options)
    await savepoint.rollback(options)
    await transaction.commit(options)
  },
  stream: async (engine, options) => {
    await using conn = await engine.connect(options)
    for await (const _row of conn.stream(select(numbers), undefined, { ...yieldPer, ...options }));
  },
  "a stream that is abandoned": async (engine, options) => {
    await using conn = await engine.connect(options)
    for await (const _row of conn.stream(select(numbers), undefined, { ...yieldPer, ...options })) break
  },
  "one statement": (engine, options) => engine.execute(select(numbers), undefined, options),
  "one statement that writes": (engine, options) => engine.executeAll([sql("INSERT 1"), sql("INSERT 2")], options),
  "a stream of one statement": async (engine, options) => {
    for await (const _row of engine.stream(select(numbers), undefined, { ...yieldPer, ...options }));
  },
  "the isolation level": async (engine, options) => {
    await using conn = await engine.connect(options)
    await conn.getIsolationLevel(options)
  },
  "a raw connection": async (engine, options) => {
    await using _raw = await engine.rawConnection(options)
  },
  "a session that reads and writes": async (engine, options) => {
    await using session = await promiseSessions(engine).session()
    session.add(letter("x"))
    const loaded = await session.getOne(Letter, "a", options)
    loaded.note = "changed"
    await session.flush(options)
    for await (const _letter of session.stream(select(Letter), undefined, { ...yieldPer, ...options }));
    await session.refresh(loaded, undefined, options)
    await session.rollback(options)
    session.delete(loaded)
    await session.commit(options)
  },
  "a session that only commits": async (engine, options) => {
    await using session = await promiseSessions(engine).session()
    session.add(letter("x"))
    await session.commit(options)
  },
  "blocks of a session": (engine, options) =>
    promiseSessions(engine).begin(async (session) => {
      session.add(letter("x"))
      await session.beginNested((nested) => nested.execute(sql("INSERT 1")))
      await session
        .beginNested(async (nested) => {
          nested.add(letter("y"))
          await nested.flush()
          throw mine
        })
        .catch(expectMine)
      session.add(letter("z"))
    }, options),
  "a block of a session that fails": (engine, options) =>
    promiseSessions(engine)
      .begin(async (session) => throwing(await session.execute(sql("INSERT 1"))), options)
      .catch(expectMine),
  dispose: async (engine, options) => {
    await engine.begin((conn) => conn.execute(sql("INSERT 1")), options)
    await engine.dispose(options)
  },
}

/** How the step goes on that was under way when the caller left. */
const ways: Record<string, (database: ScriptedDatabase, what: string) => Gate | undefined> = {
  "that answers at once": () => undefined,
  "that answers later": (database, what) => {
    database.ignoresCancel = true
    return database.hold(what)
  },
  "that is cancelled": (database, what) => database.hold(what),
  "that fails": (database, what) => {
    database.ignoresCancel = true
    database.fail(what, driverError())
    return database.hold(what)
  },
  "that loses the connection": (database, what) => {
    database.ignoresCancel = true
    database.fail(what, disconnect())
    return database.hold(what)
  },
}

/** How one run of a work ended, and what it asked of the database. */
interface Run {
  readonly steps: ReadonlyArray<string>
  readonly ended: "succeeded" | "failed" | "left"
}

/** Where a work runs. */
interface Setting {
  readonly options: AsyncEngineOptions
  readonly prepare?: (database: ScriptedDatabase) => void
}

/** Runs a work on a database of its own, and leaves it at one step; then the engine must be whole. */
type Runner = (at: number, way: string, setting: Setting) => Promise<Run>

/** Interrupts at a step, and opens the gate at which that step hangs when the interruption has been taken note of. */
const interruptAt = (database: ScriptedDatabase, at: number, way: string, interrupt: () => void) => {
  const steps: Array<string> = []
  let opened = Promise.resolve()
  database.answers.set(selectNumbers, [["n"], [1, 2, 3]])
  for (const query of [selectLetters, `${selectLetters} WHERE "letters"."letter" = ?`]) {
    database.answers.set(query, [
      ["letter", "note"],
      ["a", "loaded"],
    ])
  }
  database.onStep = (what) => {
    steps.push(what)
    if (steps.length !== at) return
    const gate = (ways[way] as (typeof ways)[string])(database, what)
    interrupt()
    if (gate === undefined) return
    opened = new Promise((resolve) => {
      // A macrotask: whatever follows from the interruption has been done then.
      setTimeout(() => {
        Effect.runSync(gate.open)
        resolve()
      }, 0)
    })
  }
  return { steps, opened: () => opened }
}

const expectWhole = (database: ScriptedDatabase, statistics: unknown): void => {
  expect(database.breaches).toEqual([])
  expect(statistics).toMatchObject({ checkedIn: 0, checkedOut: 0, connecting: 0, waiting: 0 })
  expect([...database.closed].sort((a, b) => a - b)).toEqual(
    Array.from({ length: database.connections }, (_, index) => index + 1),
  )
}

const inEffect =
  (work: (engine: EffectEngine) => Effect.Effect<unknown, unknown>): Runner =>
  (at, way, { options, prepare }) =>
    Effect.gen(function* () {
      const database = new ScriptedDatabase()
      prepare?.(database)
      const engine = yield* createEffectEngine("sqlite://", { driver: database.driver, ...options })
      let fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
      const { steps, opened } = interruptAt(database, at, way, () => fiber?.unsafeInterruptAsFork(FiberId.none))
      const forked = yield* Effect.fork(
        Effect.withFiberRuntime<unknown, unknown>((self) => {
          fiber = self
          return work(engine)
        }),
      )
      const exit = yield* forked.await
      database.onStep = () => {}
      yield* Effect.promise(opened)
      const ended = Exit.isSuccess(exit) ? "succeeded" : Exit.isInterrupted(exit) ? "left" : "failed"
      // Whoever waits when an attempt to connect fails is told so, whoever began it.
      yield* Effect.retry(
        engine.begin((conn) => conn.execute(sql("INSERT last"))),
        { times: 1 },
      )
      yield* engine.dispose()
      expectWhole(database, engine.pool.statistics())
      return { steps, ended } as const
    }).pipe(Effect.scoped, Effect.provide(Logger.remove(Logger.defaultLogger)), Effect.runPromise)

const inPromises =
  (work: (engine: PromiseEngine, options: { signal: AbortSignal }) => Promise<unknown>): Runner =>
  async (at, way, { options, prepare }) => {
    const database = new ScriptedDatabase()
    prepare?.(database)
    const engine = await createPromiseEngine("sqlite://", { driver: database.driver, ...options })
    const controller = new AbortController()
    const reason = new Error("enough")
    const { steps, opened } = interruptAt(database, at, way, () => controller.abort(reason))
    const ended = await work(engine, { signal: controller.signal }).then(
      () => "succeeded" as const,
      (error: unknown) => (error === reason ? ("left" as const) : ("failed" as const)),
    )
    database.onStep = () => {}
    await opened()
    const last = () => engine.begin((conn) => conn.execute(sql("INSERT last")))
    await last().catch(last)
    await engine.dispose()
    expectWhole(database, engine.pool.statistics())
    return { steps, ended }
  }

const one = { poolSize: 1, maxOverflow: 0 }
const settings: Record<string, Setting> = {
  "a database that answers at once": { options: one },
  "a database that answers later": {
    options: one,
    prepare: (database) => {
      database.delay = () => 2
    },
  },
  "a database that takes calls behind a reset": {
    options: one,
    prepare: (database) => {
      database.resetsAhead = true
    },
  },
  "a database that takes units": {
    options: one,
    prepare: (database) => {
      database.executesUnits = true
    },
  },
  "a pool that asks whether connections live": { options: { ...one, poolPrePing: true } },
  "a pool that replaces connections": { options: { ...one, poolRecycle: 0 } },
}

const styles: Record<string, Record<string, Runner>> = {
  Effect: Object.fromEntries(Object.entries(effects).map(([name, work]) => [name, inEffect(work)])),
  Promise: Object.fromEntries(Object.entries(promises).map(([name, work]) => [name, inPromises(work)])),
}

// What a test provokes need not be read in the log.
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(Object.keys(styles))("whoever leaves in the %s style", (style) => {
  describe.each(Object.keys(settings))("%s", (setting) => {
    it.each(Object.keys(styles[style] ?? {}))(
      "loses no slot and leaves no transaction at any step of: %s",
      async (name) => {
        const runner = styles[style]?.[name] as Runner
        const where = settings[setting] as Setting
        const { steps, ended } = await runner(0, "", where)
        expect(ended).toBe("succeeded")
        for (const way of Object.keys(ways)) {
          for (let at = 1; at <= steps.length; at++) {
            const run = await runner(at, way, where)
            expect(run.steps.slice(0, at), `at ${at}, ${way}`).toEqual(steps.slice(0, at))
            // Only a COMMIT's outcome is waited for, and whoever hears of success has all of it.
            if (run.ended === "succeeded") expect(run.steps, `at ${at}, ${way}`).toEqual(steps)
          }
        }
      },
    )
  })
})

describe("the works of both styles", () => {
  it("are the same", () => {
    expect(Object.keys(promises)).toEqual(Object.keys(effects))
  })
})
