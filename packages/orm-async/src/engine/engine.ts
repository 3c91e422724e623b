import type { Connection, ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { Dialect } from "../dialect/dialect.ts"
import type { DriverConnection } from "../driver/driver.ts"
import type { SqlError } from "../errors/index.ts"
import type { ConnectError } from "../pool/connect-error.ts"
import type { Pool } from "../pool/pool.ts"
import type { Result, ScalarResult } from "../result/result.ts"
import type { Executable } from "../statement/executable.ts"
import type { Body, Run, Scoped, Streamed, Style } from "../style.ts"
import type { Url } from "../url/url.ts"
import type { UnitRow, UnitStatement } from "./unit-statement.ts"

/**
 * A driver's own connection, borrowed from an engine's pool; it must not be closed.
 *
 * @see SQLAlchemy `sqlalchemy.pool.PoolProxiedConnection`
 */
export interface RawConnection {
  /** The URL of the database. */
  readonly connection: DriverConnection
  /** The connection of the library underneath, where it lives on this thread; otherwise undefined. */
  readonly driverConnection: unknown
  /** Notes that live as long as the connection. */
  readonly info: Record<string, unknown>
}

/** The results of a list of statements, in their order. */
export type UnitResults<Statements extends ReadonlyArray<UnitStatement>, S extends Style> = {
  readonly [At in keyof Statements]: Result<UnitRow<Statements[At]>, S["results"]>
}

/** Options of {@link Engine.dispose}. */
export interface DisposeOptions {
  /**
   * False forgets the connections that are not in use instead of closing them, for a process that was forked with them and
   * must leave them to its parent (default true).
   */
  readonly close?: boolean | undefined
}

/**
 * A database and the pool of connections to it, in some {@link Style}.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.AsyncEngine`
 */
export interface Engine<S extends Style> {
  readonly url: Url
  readonly dialect: Dialect
  /** The dialect's name. */
  readonly name: string
  /** The driver's name. */
  readonly driver: string
  /** The state of the pool. */
  readonly pool: Pool
  /**
   * A connection from the pool, given back when the surrounding scope ends; what was not committed is rolled back then.
   * Opens one if none is free and there is room, else waits up to `poolTimeout`.
   */
  readonly connect: Scoped<S, Connection<S>, ConnectError>
  /** Runs a block with a connection in a transaction: commits when it succeeds, else rolls back. */
  begin<A, E = never, R = never>(
    block: (connection: Connection<S>) => Body<S, A, E, R>,
    options?: S["options"],
  ): Run<S, A, E | SqlError, R>
  /** The driver's own connection from the pool, reset and given back when the surrounding scope ends. */
  readonly rawConnection: Scoped<S, RawConnection, ConnectError>
  /**
   * Closes connections that are not in use, and those in use when they come back; waits for those that are being returned
   * or closed. The engine can be used again afterwards and opens new ones then.
   */
  dispose(options?: DisposeOptions & S["options"]): Run<S, void>

  /**
   * Runs one statement in a transaction of its own and gives its whole result. No connection is taken for that: it goes to
   * the one that is free first, and several of them travel together where the database takes them.
   *
   * A caller that leaves while it waits withdraws it; one that was sent ends by itself, and nobody hears how.
   *
   * @param statement a Core statement
   * @param parameters values for its `bindparam`s; with an array, the statement runs once for each set
   */
  execute<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Result<Row, S["results"]>, SqlError>
  /** {@link execute} that gives the first column of the first row, or null if there is no row. */
  scalar<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, Row[keyof Row] | null, SqlError>
  /** {@link execute} that gives the first column of all rows. */
  scalars<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Run<S, ScalarResult<Row[keyof Row], S["results"]>, SqlError>
  /**
   * Rows of one statement as they come, on a connection that is taken until the stream ends. The transaction is committed
   * when all rows were read, and rolled back when the stream ends before.
   */
  stream<Row>(
    statement: Executable<Row>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions & S["options"],
  ): Streamed<S, Row, SqlError>
  /**
   * Runs statements in order in one transaction, all of them or none, and gives their results. It is one round trip where
   * the driver can, so nothing else can happen between them.
   *
   * Fails with `ArgumentError` if there is no statement.
   *
   * @param statements statements, or pairs of a statement and its parameters
   */
  executeAll<const Statements extends ReadonlyArray<UnitStatement>>(
    statements: Statements,
    options?: ExecuteOptions & S["options"],
  ): Run<S, UnitResults<Statements, S>, SqlError>

  /**
   * An engine with other options for its statements, on the same pool.
   *
   * @throws {ArgumentError} naming the option that is unknown or wrong
   */
  executionOptions(options: ExecutionOptions): Engine<S>
  /** The options of its statements. */
  getExecutionOptions(): ExecutionOptions
  /** Forgets compiled statements. */
  clearCompiledCache(): void
}
