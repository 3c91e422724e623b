import { TaggedError } from "@offloop/runtime/tasks"
import type { ErrorFields } from "./usage-errors.ts"

/**
 * A result that must have a row has none.
 *
 * @see SQLAlchemy `sqlalchemy.exc.NoResultFound`
 */
export class NoResultFound extends TaggedError("NoResultFound")<ErrorFields> {}

/**
 * A result that may have one row has several.
 *
 * @see SQLAlchemy `sqlalchemy.exc.MultipleResultsFound`
 */
export class MultipleResultsFound extends TaggedError("MultipleResultsFound")<ErrorFields> {}
