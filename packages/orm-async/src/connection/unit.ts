import type { Compiled } from "../compiler/compiled.ts"
import type { DriverResult, DriverUnitCall } from "../driver/driver.ts"
import type { DriverError, SqlError } from "../errors/index.ts"
import { CallbackCall } from "../operation/call.ts"
import { type Procedure, settled } from "../operation/operation.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { ConnectionCore } from "./connection-core.ts"
import { failedStep, resultOf } from "./statement-result.ts"

/** A statement of a unit. */
export interface UnitStatement {
  readonly compiled: Compiled<unknown>
  /** The unit fails and is rolled back if the statement has another row count. */
  readonly expectedRowCount?: number | undefined
}

/** The end of a unit: committed, or rolled back. */
export type UnitOutcome =
  | {
      readonly ok: true
      /** Gives the statements' results, or throws {@link StatementError} if one cannot be read. */
      readonly read: () => ReadonlyArray<BufferedResult<unknown>>
    }
  | {
      readonly ok: false
      readonly error: SqlError
      /** Which statement failed; undefined for the transaction's beginning or its COMMIT. */
      readonly failed: number | undefined
      /** It failed because its row count was not the expected one. */
      readonly isRowCount: boolean
      /** The row count that was not expected, where the driver tells it. */
      readonly rowCount: number | undefined
    }

const nothing: ReadonlyArray<never> = []

/** True if a connection can run statements as one transaction in one round trip, now. */
export const canExecuteUnit = (core: ConnectionCore): boolean =>
  !core.autocommit &&
  core.isUsable &&
  core.blocks.length === 0 &&
  !core.levels.sent &&
  core.levels.savepoint === undefined &&
  core.pooled?.driver.executeUnit !== undefined

/** The driver's calls of one statement. */
export const unitCalls = ({ compiled, expectedRowCount }: UnitStatement): ReadonlyArray<DriverUnitCall> => {
  const { steps, isWrite, bigints } = compiled
  // The rows of a statement of several steps are spread over them in a way that only their sum is known of.
  const expected = steps.length === 1 ? expectedRowCount : undefined
  return steps.map((step) => ({ ...step, prelude: nothing, isWrite, bigints, expectedRowCount: expected }))
}

/** Which statement a call of a unit belongs to. */
const statementOf = (statements: ReadonlyArray<UnitStatement>, call: number): number => {
  let before = 0
  return statements.findIndex(({ compiled }) => {
    before += compiled.steps.length
    return call < before
  })
}

/**
 * Runs statements as one transaction, from its beginning to its COMMIT, in one round trip; see {@link canExecuteUnit}. A
 * caller that leaves waits for the answer, since only that tells whether the data are in.
 *
 * @throws {SqlError} if the connection cannot be used
 */
export function* executeUnit(core: ConnectionCore, statements: ReadonlyArray<UnitStatement>): Procedure<UnitOutcome> {
  return yield* core.exclusively(function* () {
    for (;;) {
      const refusal = core.refusal()
      if (refusal !== undefined) throw refusal
      if (core.needsRepair) yield* core.repair()
      const pooled = core.pooled as PooledConnection
      const answer = yield* settled(unitCall(core, pooled, statements))
      if (answer.ok) {
        core.answered(pooled, 0)
        core.levels.endAll()
        return { ok: true, read: () => unitResults(statements, answer.value) }
      }
      // It was called behind a reset that failed, and has not run.
      if (pooled.broken && !core.levels.sent) continue
      return failureOf(core, pooled, statements, answer.error as DriverError)
    }
  })
}

const unitCall = (
  core: ConnectionCore,
  { driver }: PooledConnection,
  statements: ReadonlyArray<UnitStatement>,
): CallbackCall<ReadonlyArray<DriverResult>> => {
  const { isolationLevel, readOnly, beginMode } = core.options
  const isWrite = statements.some(({ compiled }) => compiled.isWrite === true)
  const begin = core.engine.dialect.beginStatement({ isWrite, isolationLevel, readOnly, beginMode })
  const calls = statements.flatMap(unitCalls)
  return new CallbackCall((done) => driver.executeUnit?.({ begin, calls }, done), "stay")
}

/**
 * The statements' results.
 *
 * @throws {StatementError} if one cannot be read
 */
export const unitResults = (
  statements: ReadonlyArray<UnitStatement>,
  answers: ReadonlyArray<DriverResult>,
): ReadonlyArray<BufferedResult<unknown>> => {
  let at = 0
  return statements.map(({ compiled }) => {
    const own = answers.slice(at, at + compiled.steps.length)
    at += compiled.steps.length
    return resultOf(compiled, own)
  })
}

/** Reads from an error of the driver how a unit failed. */
export const unitFailure = (
  statements: ReadonlyArray<UnitStatement>,
  { failedCall, code, rowCount }: DriverError,
  hideParameters: boolean,
) => {
  const step = failedCall === undefined ? undefined : statements.flatMap(({ compiled }) => compiled.steps)[failedCall]
  return {
    // COMMIT may have gone with them.
    shown: {
      ...(step === undefined ? { statement: "COMMIT" } : failedStep(step, hideParameters)),
      mayHaveCommitted: true,
    },
    failed: failedCall === undefined ? undefined : statementOf(statements, failedCall),
    isRowCount: code === "OFFLOOP_ROW_COUNT",
    rowCount,
  }
}

const failureOf = (
  core: ConnectionCore,
  pooled: PooledConnection,
  statements: ReadonlyArray<UnitStatement>,
  driverError: DriverError,
): UnitOutcome => {
  const { shown, ...failure } = unitFailure(statements, driverError, core.engine.hideParameters)
  return { ok: false, error: core.failed(pooled, 0, driverError, shown), ...failure }
}
