import type { Compiled } from "../compiler/compiled.ts"
import type { ExecuteParameters } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { StatementCall } from "../connection/statement-call.ts"
import { logStatement } from "../connection/statement-log.ts"
import { canExecuteUnit, executeUnit, type UnitOutcome, type UnitStatement } from "../connection/unit.ts"
import { ArgumentError } from "../errors/index.ts"
import { type Call, Left } from "../operation/call.ts"
import { Operation, type Procedure, wait } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable } from "../statement/executable.ts"
import { beginRoot } from "../transaction/block.ts"
import type { EngineCore } from "./engine-core.ts"
import { OneShotCall } from "./one-shot-call.ts"
import { OneShotUnit } from "./one-shot-unit.ts"
import type { UnitStatement as GivenStatement } from "./unit-statement.ts"

/**
 * Runs one statement in a transaction of its own.
 *
 * @throws {StatementBuildError} if the statement cannot be compiled
 */
export const oneShot = <Row>(
  engine: EngineCore,
  options: ExecutionOptions,
  compiled: Compiled<Row>,
): Call<BufferedResult<Row>> => {
  const { isolationLevel, readOnly } = options
  const plain = (isolationLevel === undefined || isolationLevel === "AUTOCOMMIT") && readOnly !== true
  if (plain && compiled.steps.length === 1)
    return new OneShotCall(engine.oneShots, compiled, engine.oneShots.surroundings.timer)
  return new Operation(() => inTransaction(engine, options, compiled))
}

/** Takes a connection, which the caller must `release`. If its caller leaves, it is given back. */
export function* connected(engine: EngineCore, options: ExecutionOptions): Procedure<ConnectionCore> {
  try {
    return yield* wait(engine.connect(options))
  } catch (error) {
    if (error instanceof Left && error.outcome?.ok === true) (error.outcome.value as ConnectionCore).release()
    throw error
  }
}

/** Takes a connection for some steps, and gives it back. */
export function* withConnection<A>(
  engine: EngineCore,
  options: ExecutionOptions,
  body: (connection: ConnectionCore) => Procedure<A>,
): Procedure<A> {
  const connection = yield* connected(engine, options)
  try {
    return yield* body(connection)
  } finally {
    connection.release()
  }
}

function* inTransaction<Row>(
  engine: EngineCore,
  options: ExecutionOptions,
  compiled: Compiled<Row>,
): Procedure<BufferedResult<Row>> {
  return yield* withConnection(engine, options, function* (connection) {
    const level = connection.autocommit ? undefined : beginRoot(connection)
    const result = yield* wait(new StatementCall(connection, () => compiled))
    if (level !== undefined) yield* connection.exclusively(() => connection.commit(level))
    return result
  })
}

/**
 * Statements of a list ready to be sent; logs them where the engine's statements are logged.
 *
 * @throws {ArgumentError} if there is no statement
 * @throws {StatementBuildError} if one cannot be compiled
 */
export const prepareAll = (
  engine: EngineCore,
  options: ExecutionOptions,
  statements: ReadonlyArray<GivenStatement>,
): ReadonlyArray<Compiled<unknown>> => {
  if (!Array.isArray(statements) || statements.length === 0) {
    throw new ArgumentError({ message: "executeAll: pass an array of one or more statements" })
  }
  const all = statements.map((given: GivenStatement) => {
    const [statement, parameters] = isPair(given) ? given : [given, undefined]
    return engine.compile(statement, parameters)
  })
  if (engine.echo) for (const compiled of all) logStatement(engine, compiled, options.loggingToken)
  return all
}

/**
 * A unit that may go over a connection together with those of other callers, which then share what a COMMIT costs; undefined
 * where it needs a connection of its own.
 */
export const sharedUnit = (
  engine: EngineCore,
  options: ExecutionOptions,
  statements: ReadonlyArray<UnitStatement>,
): Call<UnitOutcome> | undefined => {
  if (!sharesUnits(engine, options)) return undefined
  let isWrite = false
  for (const { compiled } of statements) {
    if (compiled.isWrite === undefined) return undefined
    isWrite ||= compiled.isWrite
  }
  if (!isWrite) return undefined
  return new OneShotUnit(engine.oneShots, engine.dialect.beginStatement({ isWrite }), statements)
}

/** The driver takes units of many callers at once, and nothing in the options asks for a transaction of another kind. */
export const sharesUnits = (
  { driver }: EngineCore,
  { isolationLevel, readOnly, beginMode }: ExecutionOptions,
): boolean =>
  driver.capabilities.groupsUnits === true &&
  isolationLevel === undefined &&
  readOnly !== true &&
  (beginMode === undefined || beginMode === "IMMEDIATE")

/**
 * Runs statements in order in one transaction: all of them or none. Where the driver can, it is one round trip, unless SQL of
 * the program's own is among them.
 */
export function* executeAll(
  engine: EngineCore,
  options: ExecutionOptions,
  all: ReadonlyArray<Compiled<unknown>>,
): Procedure<ReadonlyArray<BufferedResult<unknown>>> {
  const statements = all.map((compiled) => ({ compiled }))
  const shared = sharedUnit(engine, options, statements)
  if (shared !== undefined) return resultsOf(yield* wait(shared))
  return yield* withConnection(engine, options, function* (connection) {
    // SQL of the program's own may end the transaction: what follows must not be sent then.
    const hasOwnSql = all.some(({ isWrite }) => isWrite === undefined)
    if (hasOwnSql || !canExecuteUnit(connection)) return yield* oneByOne(connection, all)
    return resultsOf(yield* executeUnit(connection, statements))
  })
}

const resultsOf = (outcome: UnitOutcome): ReadonlyArray<BufferedResult<unknown>> => {
  if (!outcome.ok) throw outcome.error
  return outcome.read()
}

const isPair = (
  given: GivenStatement,
): given is readonly [statement: Executable<unknown>, parameters: ExecuteParameters] => Array.isArray(given)

function* oneByOne(
  connection: ConnectionCore,
  all: ReadonlyArray<Compiled<unknown>>,
): Procedure<ReadonlyArray<BufferedResult<unknown>>> {
  const level = connection.autocommit ? undefined : beginRoot(connection)
  const results: Array<BufferedResult<unknown>> = []
  for (const compiled of all) results.push(yield* wait(new StatementCall(connection, () => compiled)))
  if (level !== undefined) yield* connection.exclusively(() => connection.commit(level))
  return results
}
