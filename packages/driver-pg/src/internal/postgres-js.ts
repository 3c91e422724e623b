import type { EventEmitter } from "node:events"
import postgres from "postgres"
import type { PostgresType } from "./pg-types.ts"

/** The answer to a statement, as postgres.js gives it. Rows went to `forEachFn`. */
export interface PostgresResult {
  /** Rows changed or returned; null where the server does not count. */
  readonly count: number | null
  /** `SELECT`, `INSERT`, `BEGIN`, …; null for an empty statement. */
  readonly command: string | null
}

/** A result's column, as postgres.js describes it. */
export interface PostgresColumn {
  readonly name: string
}

/** The description that postgres.js keeps of a statement: it writes `columns` and reads the rest. */
export interface PostgresStatement {
  columns: ReadonlyArray<PostgresColumn> | null
}

/**
 * The query that a connection of postgres.js takes, which its own `Query` is. The library does not document this, so the
 * package names one version of it exactly.
 *
 * `active` is set to true when the query's answer is the next to arrive. `resolve` or `reject` is called with its
 * ReadyForQuery, and sometimes before.
 */
export interface PostgresQuery {
  readonly options: { readonly simple: boolean; readonly prepare: boolean }
  readonly strings: ReadonlyArray<string>
  readonly args: ReadonlyArray<unknown>
  readonly tagged: boolean
  readonly isRaw: "values"
  readonly origin: string
  active: boolean
  statement: PostgresStatement | null
  string: string
  parameters: ReadonlyArray<unknown> | undefined
  forEachFn(row: ReadonlyArray<unknown>): void
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** A connection of postgres.js, which hands itself to the `onexecute` of a query. */
export interface PostgresConnection {
  /** Sends a query behind those that were sent before. */
  execute(query: PostgresQuery): unknown
}

interface UnsafeOptions {
  readonly prepare: boolean
  readonly simple: boolean
  readonly onexecute: (connection: PostgresConnection) => boolean
}

/** The part of a postgres.js client that the driver uses. */
export interface PostgresClient {
  unsafe(
    sql: string,
    parameters: ReadonlyArray<unknown>,
    options: UnsafeOptions,
  ): PromiseLike<{ readonly state: { readonly pid: number; readonly secret: number } }>
}

interface PostgresOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly pass: () => string
  readonly database: string
  readonly connection: Readonly<Record<string, string>>
  readonly types: Readonly<Record<string, PostgresType>>
  readonly connect_timeout: 0
  readonly keep_alive: number
  readonly max: 1
  readonly max_pipeline: number
  readonly prepare: true
  readonly ssl: false
  readonly fetch_types: false
  readonly idle_timeout: null
  readonly max_lifetime: null
  readonly debug: false
  readonly socket: () => EventEmitter | Promise<EventEmitter>
  readonly onnotice: (notice: Readonly<Record<string, string>>) => void
  readonly onparameter: (name: string, value: string) => void
}

/** A postgres.js client. It connects when it is first used. */
export const makeClient = postgres as unknown as (options: PostgresOptions) => PostgresClient
