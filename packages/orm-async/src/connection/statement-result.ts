import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import type { DriverResult } from "../driver/driver.ts"
import type { FailedStatement } from "../errors/index.ts"
import { BufferedResult } from "../result/internal/buffered-result.ts"
import { distinctNames } from "./driver-statement.ts"

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
export const resultOf = <Row>(compiled: Compiled<Row>, answers: ReadonlyArray<DriverResult>): BufferedResult<Row> => {
  const [{ columns, rowCount: first }] = answers as readonly [DriverResult]
  const rowCount =
    answers.length === 1
      ? first
      : answers.reduce((sum, answer) => (sum < 0 || answer.rowCount < 0 ? -1 : sum + answer.rowCount), 0)
  const keys = compiled.keys.length > 0 ? compiled.keys : distinctNames(columns)
  // SQL of the program's own shows only by its columns whether it returns rows.
  const returnsRows = compiled.returnsRows && keys.length > 0
  const rows = returnsRows ? rowsOf(compiled, answers) : []
  return new BufferedResult({ keys, returnsRows, rowCount, rows })
}
