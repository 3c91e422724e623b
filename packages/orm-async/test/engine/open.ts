import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import { expect } from "vitest"
import {
  type AsyncEngine,
  type AsyncEngineOptions,
  type CreateEngineError,
  createAsyncEngine,
} from "../../src/index.ts"
import { ScriptedDatabase } from "../driver/scripted-driver.ts"

/**
 * Runs a test with an engine on a scripted database, then checks that the engine kept the driver contract and gave back
 * every connection.
 */
export const withEngine = async <E>(
  test: (engine: AsyncEngine, database: ScriptedDatabase) => Effect.Effect<unknown, E, Scope.Scope>,
  options?: AsyncEngineOptions,
): Promise<void> => {
  const database = new ScriptedDatabase()
  const program: Effect.Effect<void, E | CreateEngineError, Scope.Scope> = Effect.gen(function* () {
    const engine = yield* createAsyncEngine("sqlite://", { driver: database.driver, ...options })
    yield* Effect.scoped(test(engine, database))
    yield* engine.dispose()
    expect(database.breaches).toEqual([])
    expect(engine.pool.statistics()).toMatchObject({ checkedIn: 0, checkedOut: 0, connecting: 0, waiting: 0 })
    expect([...database.closed].sort((a, b) => a - b)).toEqual(
      Array.from({ length: database.connections }, (_, at) => at + 1),
    )
  })
  // Keeps warnings that a test provokes out of the log.
  await Effect.runPromise(Effect.provide(Effect.scoped(program), Logger.remove(Logger.defaultLogger)))
}
