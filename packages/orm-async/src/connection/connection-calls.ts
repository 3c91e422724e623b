/** The work of a connection's methods, in no style. */
import type { Compiled } from "../compiler/compiled.ts"
import { InvalidRequestError } from "../errors/index.ts"
import { Operation, type Procedure, wait } from "../operation/operation.ts"
import type { Executable } from "../statement/executable.ts"
import type { DriverRow, ExecuteOptions, ExecuteParameters } from "./connection.ts"
import { type ConnectionCore, closedError } from "./connection-core.ts"
import { driverStatement } from "./driver-statement.ts"
import { checkExecutionOptions, checkStatementOptions, type ExecutionOptions } from "./execution-options.ts"
import { RowCursor } from "./row-cursor.ts"
import { StatementCall } from "./statement-call.ts"
import { logStatement } from "./statement-log.ts"

/**
 * A statement ready to be sent on a connection; logs it where the engine's statements are logged.
 *
 * @throws {SqlError} if the statement or an option is wrong
 */
export const prepare = <Row>(
  core: ConnectionCore,
  statement: Executable<Row>,
  parameters: ExecuteParameters | undefined,
  options: ExecuteOptions | undefined,
): Compiled<Row> => logged(core, options, core.engine.compile(statement, parameters))

/**
 * Plain SQL ready to be sent on a connection.
 *
 * @throws {SqlError} if an option is wrong
 */
export const prepareSql = (
  core: ConnectionCore,
  sql: string,
  parameters: ReadonlyArray<unknown> | ReadonlyArray<ReadonlyArray<unknown>> | undefined,
  options: ExecuteOptions | undefined,
): Compiled<DriverRow> => logged(core, options, driverStatement(sql, parameters ?? []))

const logged = <Row>(
  { engine, options: inForce }: ConnectionCore,
  options: ExecuteOptions | undefined,
  compiled: Compiled<Row>,
): Compiled<Row> => {
  const given = checkStatementOptions(options?.executionOptions, engine.driver.capabilities)
  if (engine.echo) logStatement(engine, compiled, given.loggingToken ?? inForce.loggingToken)
  return compiled
}

/** Rows of a statement as they come. */
export const openCursor = <Row>(
  core: ConnectionCore,
  statement: Executable<Row>,
  parameters: ExecuteParameters | undefined,
  options: ExecuteOptions | undefined,
): RowCursor<Row> =>
  new RowCursor(
    core,
    () => prepare(core, statement, parameters, options),
    () => ({ ...core.options, ...options?.executionOptions }),
  )

/** Commits the transaction, if there is one. */
export const commit = (core: ConnectionCore): Procedure<void> =>
  core.exclusively(function* () {
    if (core.closed) throw closedError()
    const { root } = core.levels
    if (root !== undefined) yield* core.commit(root)
  })

/** Rolls back the transaction, if there is one. */
export const rollback = (core: ConnectionCore): Procedure<void> =>
  core.exclusively(function* () {
    if (core.closed) throw closedError()
    yield* core.rollbackAll()
  })

/**
 * Sets options of the statements that follow.
 *
 * @throws {ArgumentError} naming the option that is unknown or wrong
 * @throws {InvalidRequestError} if a transaction is open, and the option is one of transactions
 */
export const setOptions = (core: ConnectionCore, options: ExecutionOptions): void => {
  const checked = checkExecutionOptions(options, core.engine.driver.capabilities, "executionOptions")
  const { isolationLevel, readOnly, beginMode } = checked
  const ofTransactions = isolationLevel !== undefined || readOnly !== undefined || beginMode !== undefined
  if (ofTransactions && core.levels.root !== undefined) {
    throw new InvalidRequestError({
      message:
        "isolationLevel, readOnly and beginMode cannot change while a transaction is open on this connection: commit or roll it back first",
    })
  }
  core.options = { ...core.options, ...checked }
}

/** The isolation level in force; asks the database where nothing was set. */
export const isolationLevel = (core: ConnectionCore): Operation<string> =>
  new Operation(function* () {
    const { options, engine } = core
    if (options.isolationLevel !== undefined) return options.isolationLevel
    const { isolationLevelQuery } = engine.dialect
    if (isolationLevelQuery === undefined) return "SERIALIZABLE"
    const result = yield* wait(new StatementCall(core, () => prepareSql(core, isolationLevelQuery, [], undefined)))
    return String(result.scalar()).toUpperCase()
  })
