import { TaggedError } from "@offloop/runtime/tasks"
import type { ErrorFields } from "./usage-errors.ts"

/**
 * A flush changed fewer or more rows than it has objects: someone else changed or deleted them in between.
 *
 * @see SQLAlchemy `sqlalchemy.orm.exc.StaleDataError`
 */
export class StaleDataError extends TaggedError("StaleDataError")<ErrorFields> {}

/**
 * A flush cannot write what the session holds: two objects for one row, an object that refers to one outside the
 * session, a required property without a value.
 *
 * @see SQLAlchemy `sqlalchemy.orm.exc.FlushError`
 */
export class FlushError extends TaggedError("FlushError")<ErrorFields> {}

/**
 * Objects refer to each other in a circle, so that none of their rows can be written first.
 *
 * @see SQLAlchemy `sqlalchemy.exc.CircularDependencyError`
 */
export class CircularDependencyError extends TaggedError("CircularDependencyError")<ErrorFields> {}
