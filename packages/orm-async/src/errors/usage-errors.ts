import { TaggedError } from "@offloop/runtime/tasks"

/** The fields of every error that explains itself. */
export interface ErrorFields {
  /** The problem, where it is, and the remedy. */
  readonly message: string
  /** The error underneath, if there is one. */
  readonly cause?: unknown
}

/**
 * An argument is wrong by itself: a bad URL, an unknown option, a join that no foreign key supports.
 *
 * @see SQLAlchemy `sqlalchemy.exc.ArgumentError`
 */
export class ArgumentError extends TaggedError("ArgumentError")<ErrorFields> {}

/**
 * A call is well-formed but makes no sense now or in this combination, such as two result columns with one name.
 *
 * @see SQLAlchemy `sqlalchemy.exc.InvalidRequestError`
 */
export class InvalidRequestError extends TaggedError("InvalidRequestError")<ErrorFields> {}

/**
 * A statement has no SQL on this dialect, such as an ALTER that SQLite lacks.
 *
 * @see SQLAlchemy `sqlalchemy.exc.CompileError`
 */
export class CompileError extends TaggedError("CompileError")<ErrorFields> {}

/**
 * No dialect or driver of the requested name is registered.
 *
 * @see SQLAlchemy `sqlalchemy.exc.NoSuchModuleError`
 */
export class NoSuchModuleError extends TaggedError("NoSuchModuleError")<ErrorFields> {}

/**
 * An object that serves one fiber at a time was used by two at once.
 *
 * @see SQLAlchemy `sqlalchemy.exc.IllegalStateChangeError`
 */
export class IllegalStateChangeError extends TaggedError("IllegalStateChangeError")<ErrorFields> {}
