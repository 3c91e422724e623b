import type { Driver, Placement } from "../driver/driver.ts"

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string
  /** Removes the database; called when the test has ended and its connections are closed. */
  readonly remove: () => Promise<void>
}

/** A driver in one placement, with what the contract cannot know of its database. */
export interface DriverUnderTest {
  /** Its name in reports: `sqlite-worker`. */
  readonly name: string
  readonly driver: Driver
  readonly placement: Placement
  /** Makes an empty database; called for every test. */
  readonly database: () => Promise<TestDatabase>
  /** The database lives and dies with its one connection, as SQLite's in memory does. */
  readonly singleConnection?: boolean | undefined
  /** Where a connection of the library underneath can be reached: always, or only in some placement. */
  readonly exposesDriverConnection: boolean
  /** Texts in the database's SQL. */
  readonly sql: {
    /**
     * A query of one row that runs long enough to be interrupted: a moment where a running statement cannot be stopped,
     * else longer than any test.
     */
    readonly slow: string
    /** A statement that changes a setting of the session, and a query of one value that shows it. */
    readonly setting: { readonly change: string; readonly show: string }
    /** A query for what {@link kill} takes. Undefined where a connection cannot be ended from another one. */
    readonly connectionId?: string | undefined
    readonly kill?: ((connectionId: unknown) => string) | undefined
  }
}
