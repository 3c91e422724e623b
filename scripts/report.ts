import { stripVTControlCharacters } from "node:util"

/** Numbers of tests, or checks, by their outcome. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** One thing that failed, and what it said. */
export interface Failure {
  readonly title: string
  readonly message: string
}

/** The result of one task: its row and column in the table, and its counts. */
export interface Outcome extends Counts {
  readonly row: string
  readonly column: string
  readonly failures: ReadonlyArray<Failure>
}

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: string
      readonly failureMessages: ReadonlyArray<string>
    }>
  }>
}

/**
 * The result of a run of vitest.
 *
 * Counts what the report lists, and as one failure each: a file that failed outside of its tests (it did not load, a
 * hook threw), a run that ended with an error although no test failed (an error nobody handled, a crash), and a run in
 * which no test ran. So an outcome without failures means that tests ran and that all was well.
 *
 * @param report vitest's JSON report, or undefined where the run left none
 * @param ended why the run failed, in words, or undefined where it succeeded
 */
export const testOutcome = (
  row: string,
  column: string,
  report: VitestReport | undefined,
  ended: string | undefined,
): Outcome => {
  let passed = 0
  let skipped = 0
  const failures: Array<Failure> = []
  for (const file of report?.testResults ?? []) {
    const before = failures.length
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed++
      else if (test.status === "failed") {
        failures.push({ title: `${file.name}: ${test.fullName}`, message: test.failureMessages.join("\n") })
      } else skipped++
    }
    if (file.status === "failed" && failures.length === before) {
      failures.push({ title: file.name, message: file.message || "It failed outside of its tests: see its output." })
    }
  }
  if (failures.length === 0) {
    if (ended !== undefined) failures.push({ title: "the run itself", message: ended })
    else if (passed === 0) failures.push({ title: "the run itself", message: "No test ran." })
  }
  return { row, column, passed, failed: failures.length, skipped, failures }
}

/** The result of a task without tests (lint, type-check, build): one passed, or one failed. */
export const checkOutcome = (row: string, task: string, ended: string | undefined): Outcome => {
  const failures = ended === undefined ? [] : [{ title: task, message: ended }]
  return { row, column: "checks", passed: 1 - failures.length, failed: failures.length, skipped: 0, failures }
}

/** The sum of all counts. */
export const total = (outcomes: ReadonlyArray<Counts>): Counts => ({
  passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
  skipped: outcomes.reduce((sum, { skipped }) => sum + skipped, 0),
})

/** The one line that a reader, or a program, looks for. */
export const line = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

const cell = (outcomes: ReadonlyArray<Outcome>): string => {
  const { passed, failed, skipped } = total(outcomes)
  const parts = [
    failed > 0 ? `${failed} failed` : "",
    passed > 0 ? `${passed} passed` : "",
    skipped > 0 ? `${skipped} skipped` : "",
  ]
  return parts.filter((part) => part !== "").join(", ")
}

const padded = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>): string =>
  cells
    .map((text, index) => text.padEnd(widths[index] ?? 0))
    .join("  ")
    .trimEnd()

const table = (outcomes: ReadonlyArray<Outcome>, columns: ReadonlyArray<string>): string => {
  const rows = [...new Set(outcomes.map(({ row }) => row))]
  const used = columns.filter((column) => outcomes.some((outcome) => outcome.column === column))
  const lines = [
    ["", ...used],
    ...rows.map((row) => [
      row,
      ...used.map((column) => cell(outcomes.filter((outcome) => outcome.row === row && outcome.column === column))),
    ]),
  ]
  const widths = ["", ...used].map((_, index) => Math.max(...lines.map((cells) => cells[index]?.length ?? 0)))
  return lines.map((cells) => padded(cells, widths)).join("\n")
}

// Shortens a message to what its reader needs: no colours, and no frames inside of the test runner.
const readable = (message: string): string => {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .filter((text) => !/^\s+at .*node_modules|^\s+at new Promise/.test(text))
  const shown = lines.slice(0, 20)
  if (lines.length > shown.length) shown.push(`… ${lines.length - shown.length} lines more`)
  return shown.map((text) => `    ${text}`).join("\n")
}

/**
 * The end of the test command's output: what failed and why, a table of rows and columns, and the sum as the last line.
 *
 * @param columns the columns in their order; a column without outcomes is left out
 */
export const render = (outcomes: ReadonlyArray<Outcome>, columns: ReadonlyArray<string>): string => {
  const failures = outcomes.flatMap(({ row, column, failures }) =>
    failures.map(({ title, message }) => `FAILED ${row} (${column}) ${title}\n${readable(message)}\n`),
  )
  return [...failures, table(outcomes, columns), "", line(total(outcomes))].join("\n")
}
