import type { ExecuteOptions } from "../connection/connection.ts"
import { checkExecutionOptions, type ExecutionOptions } from "../connection/execution-options.ts"
import type { Dialect } from "../dialect/dialect.ts"
import type { Pool } from "../pool/pool.ts"
import type { Url } from "../url/url.ts"
import type { EngineCore } from "./engine-core.ts"

/** The members of an engine that do no I/O, which are the same in all styles. */
export abstract class BaseEngine {
  readonly core: EngineCore
  protected readonly options: ExecutionOptions

  constructor(core: EngineCore, options: ExecutionOptions) {
    this.core = core
    this.options = options
  }

  get url(): Url {
    return this.core.url
  }

  get dialect(): Dialect {
    return this.core.dialect
  }

  get name(): string {
    return this.core.dialect.name
  }

  get driver(): string {
    return this.core.driver.name
  }

  get pool(): Pool {
    return this.core.pool
  }

  getExecutionOptions(): ExecutionOptions {
    return this.options
  }

  clearCompiledCache(): void {
    this.core.clearCompiledCache()
  }

  /** @throws {ArgumentError} */
  protected optionsWith(options: ExecutionOptions | undefined, place: string): ExecutionOptions {
    if (options === undefined) return this.options
    return { ...this.options, ...checkExecutionOptions(options, this.core.driver.capabilities, place) }
  }

  /** @throws {ArgumentError} */
  protected statementOptions(options: ExecuteOptions | undefined): ExecutionOptions {
    return this.optionsWith(options?.executionOptions, "execute: executionOptions")
  }
}
