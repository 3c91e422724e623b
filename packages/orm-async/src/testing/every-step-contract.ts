import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { describe, expect } from "vitest"
import type { Driver, DriverConnection } from "../driver/driver.ts"
import type { AsyncEngine as EffectEngine } from "../effect/async-engine.ts"
import { gt } from "../expression/index.ts"
import { createAsyncEngine, type AsyncEngine as PromiseEngine } from "../promise.ts"
import { createAll, deleteFrom, insert, select } from "../statement/index.ts"
import { type Contract, contractOf } from "./contract.ts"
import { numbers, type Work, works } from "./leaving-works.ts"

const calls: ReadonlySet<PropertyKey> = new Set<keyof DriverConnection>([
  "execute",
  "executeMany",
  "executeUnit",
  "openCursor",
  "commit",
  "rollback",
  "reset",
  "resetAhead",
  "ping",
])

/** A connection that tells of each call before it is made. */
const watched = (connection: DriverConnection, onCall: () => void): DriverConnection =>
  new Proxy(connection, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== "function") return value
      return (...args: ReadonlyArray<unknown>) => {
        if (calls.has(name)) onCall()
        return Reflect.apply(value, target, args)
      }
    },
  })

/** Counts the calls of a driver, and does something at one of them. */
class Steps {
  readonly driver: Driver
  #count = 0
  #at = 0
  #leave: (() => void) | undefined

  constructor(driver: Driver) {
    const onCall = (): void => {
      if (++this.#count === this.#at) this.#leave?.()
    }
    this.driver = {
      ...driver,
      connect: (url, options, done) => {
        onCall()
        return driver.connect(url, options, (outcome) =>
          done(outcome.ok ? { ok: true, value: watched(outcome.value, onCall) } : outcome),
        )
      },
    }
  }

  /** Counts anew from here, and leaves at a call. */
  leaveAt(at: number, leave: () => void): void {
    this.#count = 0
    this.#at = at
    this.#leave = leave
  }

  get count(): number {
    return this.#count
  }
}

type Ended = "succeeded" | "left"

/** When the caller leaves: before the driver is called, or soon after. */
const moments: Readonly<Record<string, (leave: () => void) => void>> = {
  "before the call": (leave) => leave(),
  "in the next microtask": (leave) => queueMicrotask(leave),
  "in the next turn of the loop": (leave) => setTimeout(leave, 0),
}

const runEffect = (work: Work, engine: EffectEngine, steps: Steps, at: number, when: (leave: () => void) => void) =>
  Effect.gen(function* () {
    let fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
    steps.leaveAt(at, () => when(() => fiber?.unsafeInterruptAsFork(FiberId.none)))
    const running = yield* Effect.fork(
      Effect.withFiberRuntime<unknown, unknown>((self) => {
        fiber = self
        return work.inEffect(engine)
      }),
    )
    const exit = yield* running.await
    if (Exit.isSuccess(exit)) return "succeeded"
    expect(Exit.isInterrupted(exit), String(exit)).toBe(true)
    return "left"
  })

const runPromise = async (
  work: Work,
  engine: PromiseEngine,
  steps: Steps,
  at: number,
  when: (leave: () => void) => void,
): Promise<Ended> => {
  const controller = new AbortController()
  const reason = new Error("left")
  steps.leaveAt(at, () => when(() => controller.abort(reason)))
  try {
    await work.inPromises(engine, { signal: controller.signal })
    return "succeeded"
  } catch (error) {
    expect(error).toBe(reason)
    return "left"
  }
}

/** Tests that leaving at any step of any call loses no connection and leaves no transaction. */
export const everyStepContract = ({ subject }: Contract): void => {
  const steps = new Steps(subject.driver)
  const { test } = contractOf({ ...subject, driver: steps.driver })
  // Nothing else can look into such a database.
  if (subject.singleConnection) return

  describe("leaving at every step", () => {
    for (const work of works) {
      for (const style of ["Effect", "Promise"] as const) {
        test(
          `of ${work.name} in the ${style} style`,
          ({ engine, open, url }) =>
            Effect.gen(function* () {
              const { placement } = subject
              const promised = yield* Effect.acquireRelease(
                Effect.promise(() => createAsyncEngine(url, { driver: steps.driver, placement, ...onlyOne })),
                (one) => Effect.promise(() => one[Symbol.asyncDispose]()),
              )
              const run = (at: number, when: (leave: () => void) => void): Effect.Effect<Ended, unknown> =>
                style === "Effect"
                  ? runEffect(work, engine, steps, at, when)
                  : Effect.promise(() => runPromise(work, promised, steps, at, when))
              const other = yield* open({ driver: subject.driver })
              yield* other.executeAll([createAll([numbers]), insert(numbers).values(firstRows)])

              /** Counts the rows that a work has written; everything is as it was before then. */
              const written = Effect.gen(function* () {
                // Comes after whatever the one who left has left to be done on the only connection.
                yield* style === "Effect"
                  ? engine.execute(select(numbers))
                  : Effect.promise(() => promised.execute(select(numbers)))
                const found = yield* other.begin((conn) => conn.execute(select(numbers).where(gt(numbers.c.n, 0))))
                yield* other.executeAll([deleteFrom(numbers), insert(numbers).values(firstRows)])
                return found.all().length
              })
              expect(yield* run(0, () => {})).toBe("succeeded")
              const count = steps.count
              expect(yield* written).toBe(work.rows)
              for (const [moment, when] of Object.entries(moments)) {
                for (let at = 1; at <= count; at++) {
                  const ended = yield* run(at, when)
                  const left = yield* written
                  const place = `${moment}, at ${at} of ${count}`
                  if (ended === "succeeded") expect(left, place).toBe(work.rows)
                  else if (style === "Promise" && work.endsByItself === undefined) expect(left, place).toBe(0)
                  else expect([0, work.rows], place).toContain(left)
                }
              }
            }),
          onlyOne,
        )
      }
    }
  })
}

const firstRows = [0, -1, -2].map((n) => ({ n, note: "first" }))
const onlyOne = { poolSize: 1, maxOverflow: 0 }
