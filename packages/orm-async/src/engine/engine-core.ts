import { compile } from "../compiler/compile.ts"
import type { Compiled } from "../compiler/compiled.ts"
import { StatementCache } from "../compiler/statement-cache.ts"
import type { ExecuteParameters } from "../connection/connection.ts"
import { ConnectionCore } from "../connection/connection-core.ts"
import type { ConnectionEngine } from "../connection/connection-engine.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { Dialect } from "../dialect/dialect.ts"
import type { Driver, DriverConnection, DriverDone } from "../driver/driver.ts"
import { type Call, Immediate, type Leaving } from "../operation/call.ts"
import type { Log } from "../operation/log.ts"
import { Operation } from "../operation/operation.ts"
import type { Done } from "../operation/outcome.ts"
import type { Timer } from "../operation/timer.ts"
import { ConnectionPool } from "../pool/connection-pool.ts"
import type { PoolHooks } from "../pool/pool-hooks.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import type { Url } from "../url/url.ts"
import type { EngineSettings } from "./engine-settings.ts"
import { executeAll, oneShot, prepareAll } from "./one-shot.ts"
import { OneShotDispatcher } from "./one-shot-dispatcher.ts"
import type { UnitStatement } from "./unit-statement.ts"

/** The surroundings of an engine that depend on the style of its program. */
export interface EngineSurroundings {
  readonly timer: Timer
  readonly log: Log
  /** Rows are made at once however many they are, because answers must come before calls return. */
  readonly synchronous?: boolean | undefined
  readonly hooks?: PoolHooks | undefined
}

/** The attributes of the database on every span, by OpenTelemetry's names. */
const spanAttributesOf = ({ url, driver }: EngineSettings): Readonly<Record<string, unknown>> => ({
  "db.system.name": driver.dialect.name,
  ...(url.database === undefined ? undefined : { "db.namespace": url.database }),
  ...(url.host === undefined ? undefined : { "server.address": url.host }),
  ...(url.port === undefined ? undefined : { "server.port": url.port }),
})

/** The state that an engine's connections share, in no style. */
export class EngineCore implements ConnectionEngine {
  readonly url: Url
  readonly driver: Driver
  readonly dialect: Dialect
  readonly pool: ConnectionPool
  /** Sends statements that are a transaction each. */
  readonly oneShots: OneShotDispatcher
  readonly hideParameters: boolean
  readonly echo: boolean
  readonly loggingName: string
  readonly spanAttributes: Readonly<Record<string, unknown>>
  readonly log: Log
  /** Gives the loop turns while many rows are made; undefined where there is no loop to think of. */
  readonly timer: Timer | undefined
  readonly #cache: StatementCache

  constructor(settings: EngineSettings, { timer, log, hooks, synchronous }: EngineSurroundings) {
    const { url, driver, driverOptions } = settings
    this.url = url
    this.driver = driver
    this.dialect = driver.dialect
    this.hideParameters = settings.hideParameters
    this.echo = settings.echo
    this.loggingName = settings.loggingName
    this.spanAttributes = spanAttributesOf(settings)
    this.log = log
    this.timer = synchronous === true ? undefined : timer
    this.#cache = new StatementCache(settings.queryCacheSize)
    const open = settings.creator ?? driver.connect
    const connect = (done: DriverDone<DriverConnection>) => open(url, driverOptions, done)
    this.pool = new ConnectionPool(settings.pool, { connect, timer, log, hooks })
    this.oneShots = new OneShotDispatcher({
      pool: this.pool,
      timer,
      hideParameters: this.hideParameters,
      concurrentWriters: driver.capabilities.concurrentWriters,
    })
  }

  /** @throws {StatementBuildError} */
  compile<Row>(statement: Executable<Row>, parameters: ExecuteParameters | undefined): Compiled<Row> {
    return compile(statement, this.dialect, { cache: this.#cache, parameters })
  }

  /** Runs one statement in a transaction of its own; an error of compiling it is the call's. */
  execute<Row>(
    statement: Executable<Row>,
    parameters: ExecuteParameters | undefined,
    options: ExecutionOptions,
  ): Call<BufferedResult<Row>> {
    let compiled: Compiled<Row>
    try {
      compiled = this.compile(statement, parameters)
    } catch (error) {
      return new Immediate<BufferedResult<Row>>(() => {
        throw error
      })
    }
    return oneShot(this, options, compiled)
  }

  /** Runs statements in order in one transaction, in one round trip where the driver can. */
  executeAll(
    statements: ReadonlyArray<UnitStatement>,
    options: ExecutionOptions,
  ): Call<ReadonlyArray<BufferedResult<unknown>>> {
    return new Operation(() => executeAll(this, options, prepareAll(this, options, statements)))
  }

  clearCompiledCache(): void {
    this.#cache.clear()
  }

  /** A connection from the pool, which the caller must `release`. */
  connect(options: ExecutionOptions): Call<ConnectionCore> {
    return new Connecting(this, options)
  }
}

/** Takes a connection from the pool for a caller. */
class Connecting implements Call<ConnectionCore> {
  readonly #engine: EngineCore
  readonly #options: ExecutionOptions
  readonly #checkout: Call<PooledConnection>

  constructor(engine: EngineCore, options: ExecutionOptions) {
    this.#engine = engine
    this.#options = options
    this.#checkout = engine.pool.checkout()
  }

  start(done: Done<ConnectionCore>): void {
    this.#checkout.start((outcome) =>
      done(outcome.ok ? { ok: true, value: new ConnectionCore(this.#engine, outcome.value, this.#options) } : outcome),
    )
  }

  leave(): Leaving {
    return this.#checkout.leave()
  }
}
