import type { Driver } from "@offloop/orm-async/driver"
import { connect } from "./internal/connect.ts"
import { isMemory } from "./internal/connect-options.ts"
import { sqliteIdentity } from "./internal/sqlite-identity.ts"

/**
 * SQLite through better-sqlite3, as `sqlite://` and `sqlite+better-sqlite3://` URLs name it. Importing the package
 * registers it; as an engine's `driver` option it needs no registration.
 *
 * Each connection is an object in a worker thread of its own (`worker`, the default) or on the loop's thread (`inline`),
 * with its own prepared statements. A file has several equal connections: readers run in parallel, and writers of one
 * process wait for each other, first come first served, for at most `busy_timeout`. A database in memory is one connection,
 * because each connection to memory is a database of its own.
 *
 * In a worker, statements that are a transaction each may be many at once on one connection. Changes that come while one
 * is written are then written in one transaction, with one COMMIT for all. A statement of the ORM is taken to name its
 * columns: names behind a `*` in a piece of SQL within one may be old after another process has renamed a column.
 *
 * Options, as the URL's query or as `connectArgs`:
 *
 * - `readonly` (0), `create` (1: a file that does not exist is created)
 * - `busy_timeout` (5000 milliseconds), `statement_cache_size` (128 for each connection)
 * - pragmas: `journal_mode` (WAL), `synchronous` (NORMAL), `foreign_keys` (1), `auto_vacuum`, `cache_size`,
 *   `cell_size_check`, `journal_size_limit`, `mmap_size`, `page_size`, `query_only`, `recursive_triggers`, `temp_store`,
 *   `trusted_schema`, `wal_autocheckpoint`
 *
 * A statement that runs cannot be stopped: after an interruption it ends in the background.
 *
 * @see SQLAlchemy `sqlalchemy.dialects.sqlite`
 * @see https://www.sqlite.org/pragma.html
 * @example
 * ```ts
 * import { createAsyncEngine } from "@offloop/orm-async/promise"
 * import { sqlite } from "@offloop/driver-sqlite"
 *
 * const engine = createAsyncEngine("sqlite:///./app.db?synchronous=FULL", { driver: sqlite })
 * ```
 */
export const sqlite: Driver = {
  ...sqliteIdentity,
  // No overflow: a connection beyond the pool would cost a thread's start and end, and has no more cores to run on.
  poolDefaults: (url) =>
    isMemory(url.database)
      ? {
          poolSize: 1,
          maxOverflow: 0,
          onlyConnection:
            "each connection to a SQLite database in memory is a database of its own; use a file for several",
        }
      : { poolSize: 5, maxOverflow: 0, useLifo: true },
  connect,
}
