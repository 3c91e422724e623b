import type { Compiled } from "../compiler/compiled.ts"
import type { Dialect } from "../dialect/dialect.ts"
import type { Driver } from "../driver/driver.ts"
import type { Call } from "../operation/call.ts"
import type { Log } from "../operation/log.ts"
import type { Timer } from "../operation/timer.ts"
import type { PooledConnection, ReturnState } from "../pool/pooled-connection.ts"
import type { Executable } from "../statement/executable.ts"
import type { Url } from "../url/url.ts"
import type { ExecuteParameters } from "./connection.ts"

/** Where a connection comes from, and where it goes back to. */
export interface ConnectionSource {
  checkout(): Call<PooledConnection>
  release(connection: PooledConnection, state: ReturnState): void
  /**
   * A connection comes back, by `release`, as soon as something on it has ended; the result is to be called then.
   *
   * @param force ends it soon
   */
  returning(connection: PooledConnection, force: () => void): () => void
  /** The database was lost: connections that are open are not used again. */
  invalidateAll(): void
}

/** The part of an engine that its connections need. */
export interface ConnectionEngine {
  readonly url: Url
  readonly driver: Driver
  readonly dialect: Dialect
  readonly pool: ConnectionSource
  readonly hideParameters: boolean
  readonly echo: boolean
  readonly loggingName: string
  /** The attributes of the database on every span. */
  readonly spanAttributes: Readonly<Record<string, unknown>>
  readonly log: Log
  /** Gives the loop turns while many rows are made; undefined where there is no loop to think of. */
  readonly timer: Timer | undefined
  /** @throws {StatementBuildError} */
  compile<Row>(statement: Executable<Row>, parameters: ExecuteParameters | undefined): Compiled<Row>
}
