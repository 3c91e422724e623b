/** Options of a session. */
export interface SessionOptions {
  /** Flush before each query, so that it sees what the session holds (default true). */
  readonly autoflush?: boolean | undefined
  /**
   * Forget the values of all objects on commit (default false).
   *
   * SQLAlchemy's default is true: it loads an object again when a property is read. A property here cannot wait for the
   * database, so with `true` reading one throws `InvalidRequestError` until `refresh` or a query has loaded it again.
   */
  readonly expireOnCommit?: boolean | undefined
  /** Notes of the program's own, as `session.info`. */
  readonly info?: Readonly<Record<string, unknown>> | undefined
}
