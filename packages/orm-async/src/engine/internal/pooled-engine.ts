import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { AsyncConnection } from "../../connection/connection.ts"
import { checkExecutionOptions, type ExecutionOptions } from "../../connection/execution-options.ts"
import { EngineConnection } from "../../connection/internal/engine-connection.ts"
import type { Dialect } from "../../dialect/dialect.ts"
import type { SqlError } from "../../errors/index.ts"
import type { ConnectError } from "../../pool/internal/connection-pool.ts"
import type { Pool } from "../../pool/pool.ts"
import { adaptable } from "../../style.ts"
import type { Url } from "../../url/url.ts"
import type { AsyncEngine, RawConnection } from "../engine.ts"
import type { EngineCore } from "./engine-core.ts"

/** An engine over a pool: the only implementation of {@link AsyncEngine}. */
export class PooledEngine implements AsyncEngine {
  readonly #core: EngineCore
  readonly #options: ExecutionOptions

  constructor(core: EngineCore, options: ExecutionOptions) {
    this.#core = core
    this.#options = options
  }

  get [adaptable](): "effects" {
    return "effects"
  }

  get url(): Url {
    return this.#core.url
  }

  get dialect(): Dialect {
    return this.#core.dialect
  }

  get name(): string {
    return this.#core.dialect.name
  }

  get driver(): string {
    return this.#core.driver.name
  }

  get pool(): Pool {
    return this.#core.pool
  }

  get connect(): Effect.Effect<AsyncConnection, ConnectError, Scope.Scope> {
    // Not Effect.addFinalizer, which also restores all FiberRefs for it: that costs more than all the rest.
    return Effect.flatMap(Effect.scope, (scope) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.tap(this.#checkout(restore), (connection) => Scope.addFinalizer(scope, connection.close)),
      ),
    )
  }

  /** A connection whose lifetime is up to the caller, who must `close` it. */
  get checkout(): Effect.Effect<AsyncConnection, ConnectError> {
    return Effect.uninterruptibleMask((restore) => this.#checkout(restore))
  }

  begin<A, E = never, R = never>(
    block: (connection: AsyncConnection) => Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | SqlError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#checkout(restore), (connection) =>
        Effect.ensuring(
          connection.beginWith(restore, () => block(connection)),
          connection.close,
        ),
      ),
    )
  }

  get rawConnection(): Effect.Effect<RawConnection, ConnectError, Scope.Scope> {
    const { pool } = this.#core
    return Effect.flatMap(Effect.scope, (scope) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(pool.checkout(restore), (pooled) =>
          Effect.as(
            // Nobody has kept an account of what was done with it.
            Scope.addFinalizer(
              scope,
              Effect.sync(() => pool.release(pooled, "unknown")),
            ),
            { connection: pooled.driver, driverConnection: pooled.driver.driverConnection, info: pooled.info },
          ),
        ),
      ),
    )
  }

  get dispose(): Effect.Effect<void> {
    return this.#core.pool.dispose
  }

  executionOptions(options: ExecutionOptions): PooledEngine {
    const checked = checkExecutionOptions(options, this.#core.driver.capabilities, "executionOptions")
    return new PooledEngine(this.#core, { ...this.#options, ...checked })
  }

  getExecutionOptions(): ExecutionOptions {
    return this.#options
  }

  clearCompiledCache(): void {
    this.#core.clearCompiledCache()
  }

  #checkout(restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>) {
    return Effect.map(
      this.#core.pool.checkout(restore),
      (pooled) => new EngineConnection(this.#core, pooled, this.#options),
    )
  }
}
