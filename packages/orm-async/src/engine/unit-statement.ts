import type { ExecuteParameters } from "../connection/connection.ts"
import type { Executable } from "../statement/executable.ts"

/** A statement of a list, with its parameters. */
export type UnitStatement =
  | Executable<unknown>
  | readonly [statement: Executable<unknown>, parameters: ExecuteParameters]

/** The rows of such a statement. */
export type UnitRow<Statement> =
  Statement extends Executable<infer Row>
    ? Row
    : Statement extends readonly [Executable<infer Row>, ...ReadonlyArray<unknown>]
      ? Row
      : never
