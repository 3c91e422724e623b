/**
 * The messages between the loop and the worker of a connection, beside SQL and values: numbers with a few bits in them, so
 * that a call and its answer are as short as they can be.
 */

/** The low bits of a request's code: how to run the statement. The rest is the number of the statement, or 0 for a text. */
export const BIGINTS = 1
/** The program wrote the SQL itself. */
export const OPAQUE = 2
/** The call must not run if a transaction is open. */
export const OUTSIDE = 4
/** The columns' names are to be told also if they have not changed. */
export const TELL_COLUMNS = 8
/** The schema has changed since the columns' names were read. */
export const SCHEMA_CHANGED = 16
/** The factor of a statement's number. */
export const STATEMENT = 32

/** The low bits of an answer's state: how the connection is now. */
export const IN_TRANSACTION = 1
export const SESSION_CHANGED = 2
/** The schema has changed by this call. */
export const SCHEMA_TOUCHED = 4
/** The factor of the columns' version, or of a row count. */
export const REST = 8

/** Of the answer to `prepare`: the statement cannot change the database. */
export const READONLY = 8
/** Of the same: it is a query or a change of rows, and nothing else. */
export const PLAIN = 16

/**
 * The answer of a statement:
 *
 * - a number, where it gave no rows: the state, and the row count
 * - cells with the state, and the version of the columns' names, as one more cell at the end
 * - more, where that does not say everything
 */
export type WireAnswer = number | Array<unknown> | FullAnswer

/** The answer of a statement whose columns are news, or that is too large for one piece. */
export interface FullAnswer {
  /** Undefined where the loop has them. */
  readonly columns: ReadonlyArray<string> | undefined
  readonly cells: Array<unknown>
  readonly state: number
  /** The number under which the rest of the cells is asked for; 0 where there is none. */
  readonly rest: number
}

/** One statement of a unit: its code, its SQL where it has no number, its sets of values, its expected row count. */
export type WireStep = readonly [
  code: number,
  sql: string | undefined,
  isBatch: boolean,
  values: ReadonlyArray<unknown>,
  expectedRowCount: number | undefined,
]

/** One change of a group. */
export type WireChange = readonly [code: number, sql: string | undefined, values: ReadonlyArray<unknown>]

/** A unit as a member of a group: its BEGIN, and its statements. */
export type WireUnit = readonly [begin: string, steps: ReadonlyArray<WireStep>]

export type WireMember = WireChange | WireUnit

/** Tells a unit from a change. */
export const isUnit = (member: WireMember): member is WireUnit => typeof member[0] === "string"

/** The answer to a member of a group; to a unit it is that of each of its statements. */
export type WireMemberAnswer = WireAnswer | ReadonlyArray<WireAnswer> | WireFailure

/** An error of one member of a group, taken apart: an error with properties of its own would be sent without them. */
export interface WireFailure {
  readonly failure: Readonly<Record<string, unknown>>
  readonly message: string
}

/** Tells an error from an answer. */
export const isFailure = (answer: WireMemberAnswer): answer is WireFailure =>
  typeof answer === "object" && "failure" in answer

/** A call was refused because a transaction is open. It has not run. */
export const REFUSED = -1
