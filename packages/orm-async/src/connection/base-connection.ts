import type { Dialect } from "../dialect/dialect.ts"
import { type ConnectionCore, closedError } from "./connection-core.ts"
import type { ExecutionOptions } from "./execution-options.ts"

/** The members of a connection that do no I/O, which are the same in all styles. */
export abstract class BaseConnection {
  readonly core: ConnectionCore

  constructor(core: ConnectionCore) {
    this.core = core
  }

  get dialect(): Dialect {
    return this.core.engine.dialect
  }

  get closed(): boolean {
    return this.core.closed
  }

  get invalidated(): boolean {
    return !this.core.closed && this.core.pooled === undefined
  }

  get info(): Record<string, unknown> {
    if (this.core.closed) throw closedError()
    return this.core.pooled?.info ?? {}
  }

  get driverConnection(): unknown {
    return this.core.closed ? undefined : this.core.pooled?.driver.driverConnection
  }

  inTransaction(): boolean {
    return this.core.levels.root !== undefined
  }

  inNestedTransaction(): boolean {
    return this.core.levels.savepoint !== undefined
  }

  getExecutionOptions(): ExecutionOptions {
    return this.core.options
  }
}
