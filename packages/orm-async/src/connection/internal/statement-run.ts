import * as Effect from "effect/Effect"
import type { Compiled, CompiledStep } from "../../compiler/compiled.ts"
import type { DriverConnection, DriverResult } from "../../driver/driver.ts"
import { EffectResult } from "../../effect/effect-result.ts"
import type { DriverError } from "../../errors/driver-error.ts"
import type { FailedStatement, SqlError } from "../../errors/index.ts"
import { BufferedResult } from "../../result/internal/buffered-result.ts"
import type { Result } from "../../result/result.ts"
import { attempt } from "./attempt.ts"
import type { ConnectionCore, Restore } from "./connection-core.ts"
import { distinctNames } from "./driver-sql.ts"

/** Runs a compiled statement, holding the connection's turn. */
export const runStatement = <Row>(
  core: ConnectionCore,
  compiled: Compiled<Row>,
  restore: Restore,
): Effect.Effect<Result<Row>, SqlError> => {
  const send = (step: CompiledStep) =>
    core.send(
      restore,
      compiled.isWrite,
      (driver, prelude) => runStep(driver, compiled, step, prelude),
      () => failedStep(step, core.engine.hideParameters),
    )
  const { steps } = compiled
  return steps.length === 1
    ? Effect.flatMap(send(steps[0]), (answer) => attempt(() => resultOf(compiled, [answer])))
    : Effect.flatMap(Effect.forEach(steps, send), (answers) => attempt(() => resultOf(compiled, answers)))
}

/** Sends one step of a statement, with what must go before it. */
const runStep = (
  driver: DriverConnection,
  compiled: Compiled<unknown>,
  step: CompiledStep,
  prelude: ReadonlyArray<string>,
): Effect.Effect<DriverResult, DriverError> => {
  const { isWrite, bigints } = compiled
  return "parameters" in step
    ? driver.execute({ sql: step.sql, parameters: step.parameters, prelude, isWrite, bigints })
    : driver.executeMany({ sql: step.sql, parameterSets: step.parameterSets, prelude, isWrite, bigints })
}

/** A step as an error shows it. */
export const failedStep = (step: CompiledStep, hideParameters: boolean): FailedStatement => ({
  statement: step.sql,
  parameters:
    "parameters" in step ? { kind: "one", values: step.parameters } : { kind: "many", sets: step.parameterSets },
  hideParameters,
})

/** How many times a statement runs. */
export const batchSize = (compiled: Compiled<unknown>): number =>
  compiled.steps.reduce((sum, step) => sum + ("parameters" in step ? 1 : step.parameterSets.length), 0)

const rowsOf = <Row>(compiled: Compiled<Row>, answers: ReadonlyArray<DriverResult>): Array<Row> => {
  const [first] = answers as readonly [DriverResult]
  return answers.length === 1
    ? compiled.decodeRows(first.columns, first.cells)
    : answers.flatMap((answer) => compiled.decodeRows(answer.columns, answer.cells))
}

/**
 * The answer of a statement's steps as one result.
 *
 * @throws {StatementError} if a value cannot be read as its column's type
 */
const resultOf = <Row>(compiled: Compiled<Row>, answers: ReadonlyArray<DriverResult>): Result<Row> => {
  const [{ columns }] = answers as readonly [DriverResult]
  const rowCount = answers.reduce((sum, answer) => (sum < 0 || answer.rowCount < 0 ? -1 : sum + answer.rowCount), 0)
  const keys = compiled.keys.length > 0 ? compiled.keys : distinctNames(columns)
  // SQL of the user's own shows only by its columns whether it returns rows.
  const returnsRows = compiled.returnsRows && keys.length > 0
  const rows = returnsRows ? rowsOf(compiled, answers) : []
  return new EffectResult(new BufferedResult({ keys, returnsRows, rowCount, rows }))
}
