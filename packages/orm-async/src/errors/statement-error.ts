import { TaggedError } from "@offloop/runtime/tasks"
import type { ErrorFields } from "./usage-errors.ts"

/**
 * A statement's values could not be sent, or a row's values could not be read: a string for an integer column, an
 * invalid date, an integer beyond what a JavaScript number holds.
 *
 * `column` is `table.column` where the value belongs to one, and `row` the row's index in a statement of many rows.
 *
 * @see SQLAlchemy `sqlalchemy.exc.StatementError`
 */
export class StatementError extends TaggedError("StatementError")<
  ErrorFields & { readonly column?: string | undefined; readonly row?: number | undefined }
> {}
