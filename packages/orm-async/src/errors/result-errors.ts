import * as Data from "effect/Data"
import type { ErrorFields } from "./usage-errors.ts"

/**
 * A result that must have a row has none.
 *
 * @see SQLAlchemy `sqlalchemy.exc.NoResultFound`
 */
export class NoResultFound extends Data.TaggedError("NoResultFound")<ErrorFields> {}

/**
 * A result that may have one row has several.
 *
 * @see SQLAlchemy `sqlalchemy.exc.MultipleResultsFound`
 */
export class MultipleResultsFound extends Data.TaggedError("MultipleResultsFound")<ErrorFields> {}
