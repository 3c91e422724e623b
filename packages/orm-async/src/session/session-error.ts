import type { CircularDependencyError, FlushError, NoResultFound, SqlError, StaleDataError } from "../errors/index.ts"

/** Every error that a session's I/O can give. */
export type SessionError = SqlError | CircularDependencyError | FlushError | StaleDataError

/** Every error that `getOne` can give. */
export type GetOneError = SessionError | NoResultFound
