import type { ArgumentError } from "../errors/index.ts"
import type { Body, Run, Scoped, Style } from "../style.ts"
import type { Session } from "./session.ts"
import type { SessionError } from "./session-error.ts"

/**
 * Makes sessions on one engine with the same options, in some {@link Style}.
 *
 * @see SQLAlchemy `sqlalchemy.orm.sessionmaker`
 */
export interface SessionMaker<S extends Style> {
  /** A session that the surrounding scope closes. Does no I/O. */
  readonly session: Scoped<S, Session<S>, ArgumentError>
  /**
   * Runs a block with a new session in a transaction: commits when it succeeds, rolls back when it fails or is
   * interrupted, and closes the session.
   */
  begin<A, E = never, R = never>(
    block: (session: Session<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SessionError, R>
}
