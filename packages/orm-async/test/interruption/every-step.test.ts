import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Logger from "effect/Logger"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type AsyncEngineOptions, createAsyncEngine as createEffectEngine, textClause } from "../../src/index.ts"
import { createAsyncEngine as createPromiseEngine } from "../../src/promise.ts"
import { type Work, works } from "../../src/testing/leaving-works.ts"
import { disconnect, driverError, type Gate, ScriptedDatabase } from "../driver/scripted-driver.ts"

const selectNumbers = 'SELECT "numbers"."n", "numbers"."note" FROM "numbers"'
const last = textClause("INSERT last")

/** The ways in which a step that was under way goes on after its caller has left. */
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

/** The outcome of one run of a program, and the steps that it asked of the database. */
interface Run {
  readonly steps: ReadonlyArray<string>
  readonly ended: "succeeded" | "failed" | "left"
}

/** The world in which a program runs. */
interface Setting {
  readonly options: AsyncEngineOptions
  readonly prepare?: (database: ScriptedDatabase) => void
}

/** Runs a program on a database of its own, and leaves it at one step; the engine must be usable afterwards. */
type Runner = (at: number, way: string, setting: Setting) => Promise<Run>

/** Interrupts at a step, and opens the gate at which that step hangs when the interruption has been taken note of. */
const interruptAt = (database: ScriptedDatabase, at: number, way: string, interrupt: () => void) => {
  const steps: Array<string> = []
  let opened = Promise.resolve()
  const columns = ["n", "note"]
  database.answers.set(selectNumbers, [columns, [0, "first", -1, "first", -2, "first"]])
  database.answers.set(`${selectNumbers} WHERE "numbers"."n" = ?`, [columns, [0, "first"]])
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
  (work: Work): Runner =>
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
          return work.inEffect(engine)
        }),
      )
      const exit = yield* forked.await
      database.onStep = () => {}
      yield* Effect.promise(opened)
      const ended = Exit.isSuccess(exit) ? "succeeded" : Exit.isInterrupted(exit) ? "left" : "failed"
      // A failed attempt to connect is told to every waiting caller, not only to the one that began it.
      yield* Effect.retry(
        engine.begin((conn) => conn.execute(last)),
        { times: 1 },
      )
      yield* engine.dispose()
      expectWhole(database, engine.pool.statistics())
      return { steps, ended } as const
    }).pipe(Effect.scoped, Effect.provide(Logger.remove(Logger.defaultLogger)), Effect.runPromise)

const inPromises =
  (work: Work): Runner =>
  async (at, way, { options, prepare }) => {
    const database = new ScriptedDatabase()
    prepare?.(database)
    const engine = await createPromiseEngine("sqlite://", { driver: database.driver, ...options })
    const controller = new AbortController()
    const reason = new Error("enough")
    const { steps, opened } = interruptAt(database, at, way, () => controller.abort(reason))
    const ended = await work.inPromises(engine, { signal: controller.signal }).then(
      () => "succeeded" as const,
      (error: unknown) => (error === reason ? ("left" as const) : ("failed" as const)),
    )
    database.onStep = () => {}
    await opened()
    const again = () => engine.begin((conn) => conn.execute(last))
    await again().catch(again)
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

const styles: Record<string, (work: Work) => Runner> = { Effect: inEffect, Promise: inPromises }

// Keeps warnings that a test provokes out of the log.
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(Object.keys(styles))("whoever leaves in the %s style", (style) => {
  describe.each(Object.keys(settings))("%s", (setting) => {
    it.each(works.map((work) => [work.name, work] as const))(
      "loses no slot and leaves no transaction at any step of %s",
      async (_, work) => {
        const runner = (styles[style] as (typeof styles)[string])(work)
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
