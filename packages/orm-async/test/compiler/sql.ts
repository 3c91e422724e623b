import {
  compile,
  type Dialect,
  type Executable,
  type ExecuteParameters,
  postgresqlDialect,
  sqliteDialect,
} from "../../src/index.ts"

type Statement = Executable<unknown, "core" | "orm">

const stepsOf = (dialect: Dialect, statement: Statement, parameters?: ExecuteParameters) =>
  compile(statement, dialect, { parameters }).steps.map((step) =>
    "parameters" in step ? [step.sql, step.parameters] : [step.sql, step.parameterSets],
  )

/** The only step for SQLite, as SQL and parameters. */
export const sqlite = (statement: Statement, parameters?: ExecuteParameters) =>
  stepsOf(sqliteDialect, statement, parameters)[0]

/** The only step for PostgreSQL, as SQL and parameters. */
export const postgresql = (statement: Statement, parameters?: ExecuteParameters) =>
  stepsOf(postgresqlDialect, statement, parameters)[0]

/** Every step's SQL. */
export const texts = (dialect: Dialect, statement: Statement): ReadonlyArray<string> =>
  compile(statement, dialect).steps.map((step) => step.sql)

/** The tagged error that a function throws. */
export const thrownBy = (run: () => unknown): { readonly _tag: string; readonly message: string } => {
  try {
    run()
  } catch (error) {
    return error as { readonly _tag: string; readonly message: string }
  }
  throw new Error("nothing was thrown")
}
