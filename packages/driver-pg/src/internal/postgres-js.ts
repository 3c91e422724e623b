import type { Socket } from "node:net"
import postgres from "postgres"
import type { PostgresType } from "./pg-types.ts"

/** What the server answered to one statement. The rows went to `forEach`. */
export interface StatementResult {
  /** Rows changed or returned; null where the server does not count. */
  readonly count: number | null
  /** `SELECT`, `INSERT`, `BEGIN`, … */
  readonly command: string
  readonly columns: ReadonlyArray<{ readonly name: string }> | null
  readonly state: { readonly pid: number; readonly secret: number }
}

interface ValuesQuery {
  readonly forEach: (onRow: (row: ReadonlyArray<unknown>) => void) => Promise<StatementResult>
}

/** The part of a postgres.js client that the driver uses, with what its own types leave out (`simple`, `socket`). */
export interface PostgresClient {
  readonly unsafe: (
    sql: string,
    parameters: ReadonlyArray<unknown>,
    options: { readonly prepare: boolean; readonly simple: boolean },
  ) => { readonly values: () => ValuesQuery }
  /** A parameter with its type's oid. */
  readonly typed: (value: string, type: number) => unknown
  readonly end: (options: { readonly timeout: number }) => Promise<void>
}

interface PostgresOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly pass: string
  readonly database: string
  readonly connection: Readonly<Record<string, string>>
  readonly types: Readonly<Record<string, PostgresType>>
  readonly connect_timeout: number
  readonly keep_alive: number
  readonly max: 1
  readonly max_pipeline: number
  readonly prepare: true
  readonly ssl: false
  readonly fetch_types: false
  readonly idle_timeout: null
  readonly max_lifetime: null
  readonly debug: false
  readonly socket: () => Promise<Socket>
  readonly onnotice: (notice: Readonly<Record<string, string>>) => void
}

/** A postgres.js client. It connects when it is first used. */
export const makeClient = postgres as unknown as (options: PostgresOptions) => PostgresClient
