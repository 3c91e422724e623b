import type { SqlError } from "../errors/index.ts"
import type { Member, Style } from "../style.ts"

/**
 * A transaction of a connection, or a savepoint inside one (`nested`), in some {@link Style}.
 *
 * Inside the block that began it, a transaction may be ended early by `commit` or `rollback`; statements that follow in
 * the block fail with `InvalidRequestError` then.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncTransaction`
 */
export interface Transaction<S extends Style> {
  /** True if it is a savepoint. */
  readonly nested: boolean
  /** True while it is open: neither committed nor rolled back. */
  readonly isActive: boolean
  /** True while it is open and its connection was not lost. */
  readonly isValid: boolean
  /**
   * Makes it permanent; a savepoint is released. Savepoints inside it end with it. Does I/O if anything was sent.
   *
   * Fails with `InvalidRequestError` if it has ended. If the database refuses, as for a deferred constraint, it is rolled
   * back and the database's error is given.
   */
  readonly commit: Member<S, void, SqlError>
  /** Takes back everything done in it, savepoints inside it included. Does nothing if it has ended. */
  readonly rollback: Member<S, void, SqlError>
  /** Rolls back if it is open, else does nothing. */
  readonly close: Member<S, void, SqlError>
}
