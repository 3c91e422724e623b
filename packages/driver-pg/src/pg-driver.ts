import { type Driver, postgresqlDialect } from "@offloop/orm-async/driver"
import { connect } from "./internal/connect.ts"

/**
 * PostgreSQL through postgres.js, as `postgresql://` and `postgresql+postgres://` URLs name it. Importing the package
 * registers it; as an engine's `driver` option it needs no registration.
 *
 * Each connection is one session on one socket, on the loop's thread (`inline`, the default: sockets do not block) or in a
 * worker thread (`worker`: decoding large results does not block either). A connection that is lost stays lost: it is
 * never replaced in silence. Interrupting a statement has the server stop it.
 *
 * The server's answers decide, never the words of a statement: whether a transaction is open, whether rows come, whether
 * the session has to be reset. COPY FROM STDIN and TO STDOUT are refused, since a statement has no stream for them.
 *
 * Parts that the URL leaves out come from `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` and `PGDATABASE`. `?host=/folder`
 * names the folder of a Unix socket. Options, as the URL's query or as `connectArgs`:
 *
 * - `sslmode` (prefer; also disable, require, verify-ca, verify-full), `sslrootcert`, `sslcert`, `sslkey`: as in libpq
 * - in seconds, 0 for no limit: `connect_timeout` (30, authentication included), `ping_timeout` (5), `reset_timeout` (5, also
 *   for a rollback), `commit_timeout` (60), `cancel_timeout` (10, for a cancelled statement to stop). A connection that does
 *   not answer in time is ended, and its call fails with `isDisconnect`
 * - in seconds: `close_timeout` (5), `keep_alive` (60)
 * - `prepare` (true; false behind a pooler in transaction mode), `statement_cache_size` (256 for each connection; a text is
 *   prepared when it is used for the second time), `max_pipeline` (100 statements of a batch on their way at once)
 * - settings of the session: `application_name` (offloop), `search_path`, `statement_timeout`, `lock_timeout`,
 *   `idle_in_transaction_session_timeout`, `idle_session_timeout`, `transaction_timeout`, `timezone`, `options`,
 *   `client_min_messages`, `default_transaction_isolation`, `default_transaction_read_only`,
 *   `default_transaction_deferrable`
 *
 * Values of plain SQL come as: `int8` as a number where that is exact, else `bigint`; `timestamptz` as `Date`; `bytea` as
 * `Uint8Array`; arrays as arrays; `numeric`, `json`, `date`, `time`, `timestamp` and all others as text.
 *
 * @see SQLAlchemy `sqlalchemy.dialects.postgresql`
 * @example
 * ```ts
 * import { createAsyncEngine } from "@offloop/orm-async/promise"
 * import { postgres } from "@offloop/driver-pg"
 *
 * const engine = createAsyncEngine("postgresql://ann:secret@localhost/app?sslmode=require", { driver: postgres })
 * ```
 */
export const postgres: Driver = {
  name: "postgres",
  dialect: postgresqlDialect,
  capabilities: {
    placements: ["inline", "worker"],
    cancelsRunningStatement: true,
    concurrentWriters: true,
    streams: true,
    transactionalDdl: true,
    isolationLevels: ["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"],
  },
  poolDefaults: () => ({ poolSize: 5, maxOverflow: 10 }),
  connect,
}
