/** How the worker's side of a contract says to the loop's that a task has no result. Errors, so that they cross as such. */
import type { SchemaIssue, TaskSchemaError } from "../../errors.ts"

/** What the contract declares, encoded. */
export class Declared extends Error {
  override readonly name = "OffloopDeclaredFailure"
  readonly failure: unknown

  constructor(failure: unknown, thrown: unknown) {
    super(thrown instanceof Error ? thrown.message : String(thrown))
    this.failure = failure
    if (thrown instanceof Error && thrown.stack !== undefined) this.stack = thrown.stack
  }
}

/** A value that is not what the contract says. */
export class Mismatch extends Error {
  override readonly name = "OffloopSchemaMismatch"
  readonly value: TaskSchemaError["value"]
  readonly issues: ReadonlyArray<SchemaIssue>

  constructor(value: TaskSchemaError["value"], issues: ReadonlyArray<SchemaIssue>) {
    super(issues.map(({ path, message }) => `${path}: ${message}`).join("; "))
    this.value = value
    this.issues = issues
  }
}

// They arrive built again, without their class.
export const isDeclared = (thrown: unknown): thrown is Declared => named(thrown, "OffloopDeclaredFailure")

export const isMismatch = (thrown: unknown): thrown is Mismatch => named(thrown, "OffloopSchemaMismatch")

const named = (thrown: unknown, name: string): boolean => thrown instanceof Error && thrown.name === name
