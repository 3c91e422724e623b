import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { expect, it } from "vitest"
import { type AsyncEngine, type CreateEngineError, createAsyncEngine } from "../effect/async-engine.ts"
import type { AsyncEngineOptions } from "../engine/engine-options.ts"
import type { DriverUnderTest } from "./driver-under-test.ts"

/** The surroundings of a test of the contract. */
export interface TestEnv {
  readonly engine: AsyncEngine
  /** The URL of the test's database. */
  readonly url: string
  /** Another engine on the same database. */
  readonly open: (options?: AsyncEngineOptions) => Effect.Effect<AsyncEngine, CreateEngineError, Scope.Scope>
}

/** A driver under test with the way in which its tests run. */
export interface Contract {
  readonly subject: DriverUnderTest
  /**
   * Adds a test: `program` runs with an engine on an empty database of its own, and fails the test if it fails. When it has
   * ended, its engine must give back every connection it ever opened.
   */
  readonly test: <E>(
    name: string,
    program: (env: TestEnv) => Effect.Effect<unknown, E, Scope.Scope>,
    options?: AsyncEngineOptions,
  ) => void
}

const expectPoolWhole = (engine: AsyncEngine): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* engine.dispose()
    const { opened, ...left } = engine.pool.statistics()
    expect(left).toMatchObject({ checkedIn: 0, checkedOut: 0, connecting: 0, waiting: 0, closed: opened })
  })

/** The contract for one driver; the functions beside this one add its tests, one concept each. */
export const contractOf = (subject: DriverUnderTest): Contract => ({
  subject,
  test: (name, program, options) => {
    it(name, async () => {
      const { url, remove } = await subject.database()
      const open = (more?: AsyncEngineOptions) =>
        createAsyncEngine(url, { driver: subject.driver, placement: subject.placement, ...options, ...more })
      const run = Effect.gen(function* () {
        const engine = yield* open()
        yield* Effect.scoped(program({ engine, url, open }))
        yield* expectPoolWhole(engine)
      })
      try {
        await Effect.runPromise(Effect.scoped(run))
      } finally {
        await remove()
      }
    })
  },
})

/** Runs an effect that must fail, and gives its error. */
export const failureOf = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<E, A, R> => Effect.flip(effect)
