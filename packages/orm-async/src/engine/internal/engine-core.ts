import type * as Effect from "effect/Effect"
import type { RuntimeFiber } from "effect/Fiber"
import type { Compiled } from "../../compiler/compiled.ts"
import type { ExecuteParameters } from "../../connection/connection.ts"
import type { Dialect } from "../../dialect/dialect.ts"
import type { Driver } from "../../driver/driver.ts"
import type { ConnectionPool } from "../../pool/internal/connection-pool.ts"
import type { Executable } from "../../statement/executable.ts"
import type { Url } from "../../url/url.ts"

/** What an engine's connections share. */
export interface EngineCore {
  readonly url: Url
  readonly driver: Driver
  readonly dialect: Dialect
  readonly pool: ConnectionPool
  readonly hideParameters: boolean
  readonly echo: boolean
  readonly loggingName: string
  /** What every span says of the database. */
  readonly spanAttributes: Readonly<Record<string, unknown>>
  /** @throws {StatementBuildError} */
  readonly compile: <Row>(statement: Executable<Row>, parameters: ExecuteParameters | undefined) => Compiled<Row>
  readonly clearCompiledCache: () => void
  /** Runs on a fiber of the engine's own, which outlives the one that asks. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => RuntimeFiber<A, E>
}
