import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import type { DriverResult } from "../driver/driver.ts"
import type { FailedStatement } from "../errors/index.ts"
import type { Done } from "../operation/outcome.ts"
import type { Timer } from "../operation/timer.ts"
import { BufferedResult } from "../result/internal/buffered-result.ts"
import { distinctNames } from "./driver-statement.ts"

/** A step as an error shows it. */
export const failedStep = (step: CompiledStep, hideParameters: boolean): FailedStatement => ({
  statement: step.sql,
  parameters:
    "parameters" in step ? { kind: "one", values: step.parameters } : { kind: "many", sets: step.parameterSets },
  hideParameters,
})

/** The number of times that a statement runs. */
export const batchSize = (compiled: Compiled<unknown>): number =>
  compiled.steps.reduce((sum, step) => sum + ("parameters" in step ? 1 : step.parameterSets.length), 0)

/** Names of a result's columns: those of the statement, or of the answer where only the database knows them. */
const keysOf = (compiled: Compiled<unknown>, columns: ReadonlyArray<string>): ReadonlyArray<string> =>
  compiled.keys.length > 0 ? compiled.keys : distinctNames(columns)

/** The number of cells that are made into rows before the loop gets a turn: about a millisecond's work. */
const cellsPerTurn = 10_000

/** A result is so large that the loop must get turns while its rows are made. */
export const isLarge = (compiled: Compiled<unknown>, { columns, cells }: DriverResult): boolean =>
  cells.length > cellsPerTurn && compiled.steps.length === 1 && columns.length > 0

/**
 * {@link resultOf} for a large result: makes some rows in each turn of the loop.
 *
 * @param done is told the result, or what was thrown
 * @returns calls it off
 */
export const largeResultOf = <Row>(
  compiled: Compiled<Row>,
  answer: DriverResult,
  timer: Timer,
  done: Done<BufferedResult<Row>>,
): (() => void) => {
  const { columns, cells, rowCount } = answer
  const step = Math.max(1, Math.floor(cellsPerTurn / columns.length)) * columns.length
  const rows: Array<Row> = []
  let at = 0
  let called = true
  const turn = (): void => {
    if (!called) return
    try {
      for (const row of compiled.decodeRows(columns, cells.slice(at, at + step))) rows.push(row)
    } catch (error) {
      return done({ ok: false, error })
    }
    at += step
    if (at < cells.length) return timer.soon(turn)
    const keys = keysOf(compiled, columns)
    done({ ok: true, value: new BufferedResult({ keys, returnsRows: true, rowCount, rows }) })
  }
  turn()
  return () => {
    called = false
  }
}

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
  const keys = keysOf(compiled, columns)
  // SQL of the program's own shows only by its columns whether it returns rows.
  const returnsRows = compiled.returnsRows && keys.length > 0
  const rows = returnsRows ? rowsOf(compiled, answers) : []
  return new BufferedResult({ keys, returnsRows, rowCount, rows })
}
