import type { DriverErrorKind } from "@offloop/orm-async/driver"
import { addressOf, type PgConfig } from "./pg-config.ts"

/** The meaning of an error of the server, of postgres.js or of the network. */
export interface PgFailure {
  readonly kind: DriverErrorKind
  readonly message: string
  readonly code: string | undefined
  readonly constraint: string | undefined
  readonly isDisconnect: boolean
  readonly isRetryable: boolean
}

/** The connection's settings that a message's remedy names. */
export type FailureContext = Pick<PgConfig, "host" | "port" | "user" | "database" | "connectTimeout">

interface NativeError {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
  readonly constraint: string | undefined
  readonly hint: string | undefined
  readonly position: string | undefined
  /** The function of the server that has failed: messages may be in any language. */
  readonly routine: string | undefined
  readonly reason: string | undefined
}

/** The client broke the protocol, as by sending the wrong number of parameters; all else of class 08 is a lost connection. */
const protocolViolation = "08P01"

/** Kinds by the class of an SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), as psycopg has them. */
const kinds: Readonly<Record<string, DriverErrorKind>> = {
  "0A": "NotSupportedError",
  "20": "ProgrammingError",
  "21": "ProgrammingError",
  "22": "DataError",
  "23": "IntegrityError",
  "24": "InternalError",
  "25": "InternalError",
  "26": "ProgrammingError",
  "27": "OperationalError",
  "28": "OperationalError",
  "2B": "InternalError",
  "2D": "InternalError",
  "2F": "InternalError",
  "34": "ProgrammingError",
  "38": "InternalError",
  "39": "InternalError",
  "3B": "InternalError",
  "3F": "ProgrammingError",
  "42": "ProgrammingError",
  "44": "IntegrityError",
  P0: "InternalError",
  XX: "InternalError",
}

/** Serialization failure, deadlock, lock not available: another transaction was in the way. */
const retryable = new Set(["40001", "40P01", "55P03"])

/** The session is over, or was not begun. */
const disconnects = new Set(["57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300"])

/** The network's own codes, those of postgres.js, and the driver's. */
const isNetwork = (code: string): boolean =>
  /^(?:E[A-Z]{3,}|CONNECTION_[A-Z]+|[A-Z]+_TIMEOUT|TLS_[A-Z]+|PROTOCOL_VIOLATION)$/.test(code)

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)

const remedies: Readonly<Record<string, (context: FailureContext) => string>> = {
  ECONNREFUSED: (context) => `no server listens at ${addressOf(context)}; start it, or check the URL's host and port`,
  ENOENT: (context) => `there is no socket ${addressOf(context)}; start the server, or check the URL's host and port`,
  ENOTFOUND: ({ host }) => `the host "${host}" is not known; check its spelling in the URL and the name service`,
  EAI_AGAIN: ({ host }) => `the host "${host}" could not be looked up; check the name service and try again`,
  CONNECT_TIMEOUT: (context) =>
    `${addressOf(context)} did not answer within ${context.connectTimeout} ms; check host, port and firewalls, or wait longer with ?connect_timeout=`,
  TLS_UNAVAILABLE: (context) => `${addressOf(context)} has no TLS; turn it on there, or use ?sslmode=disable`,
  TLS_FAILED: (context) =>
    `check the certificate of ${addressOf(context)}, name its authority with ?sslrootcert=, or choose another ?sslmode=`,
  PROTOCOL_VIOLATION: (context) => `check that ${addressOf(context)} is a PostgreSQL server`,
  "28P01": ({ user }) => `check the password of "${user}" in the URL`,
  "28000": ({ user }) =>
    `the server lets "${user}" in from here in no such way; check its pg_hba.conf, and if it demands encryption use ?sslmode=require`,
  "3D000": ({ database }) => `create the database "${database}", or name another in the URL`,
  "53300": () => "make the pools of all programs smaller, or max_connections of the server larger",
  "25P02": () => "roll back, to the savepoint or all, before the next statement",
  "40001": () => "run the transaction again",
  "40P01": () => "run the transaction again",
}

const messageOf = (error: NativeError, code: string | undefined, context: FailureContext): string => {
  const parts = [error.message || code || error.name]
  if (error.position !== undefined) parts[0] += ` (at character ${error.position})`
  if (error.hint !== undefined) parts.push(`hint: ${error.hint}`)
  const remedy = code === undefined ? undefined : remedies[code]
  if (remedy !== undefined) parts.push(remedy(context))
  return parts.join("; ")
}

/** A statement whose columns are others since it was prepared. It is prepared anew when it is used next. */
const isStalePlan = (error: NativeError): boolean => error.code === "0A000" && error.routine === "RevalidateCachedQuery"

const noSuchStatement = "26000"

/**
 * Tells whether the server does not run a prepared statement as it is, so that preparing it anew may help. A function that
 * the statement calls may fail in the same way with a statement of its own, which tells its name or where it is.
 */
export const needsNewPlan = (cause: unknown, name: string | undefined): boolean => {
  const error = nativeError(cause)
  if (error.code === noSuchStatement) return name !== undefined && error.message.includes(`"${name}"`)
  return isStalePlan(error) && field(cause, "where") === undefined
}

const kindOf = (error: NativeError, code: string | undefined): DriverErrorKind => {
  if (error.name === "UnbindableValueError") return error.reason === "range" ? "DataError" : "InterfaceError"
  if (code === undefined) return "InterfaceError"
  if (code === protocolViolation) return "ProgrammingError"
  if (code === "3D000" || isStalePlan(error)) return "OperationalError"
  if (isSqlState(code)) return kinds[code.slice(0, 2)] ?? "OperationalError"
  if (code === "MAX_PARAMETERS_EXCEEDED") return "ProgrammingError"
  return isNetwork(code) ? "OperationalError" : "InterfaceError"
}

const isDisconnect = (code: string | undefined): boolean =>
  code !== undefined &&
  (isSqlState(code) ? disconnects.has(code) || (code.startsWith("08") && code !== protocolViolation) : isNetwork(code))

const field = (error: unknown, name: string): unknown =>
  typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const nativeError = (error: unknown): NativeError => ({
  name: text(field(error, "name")) ?? "Error",
  message: text(field(error, "message")) ?? String(error),
  code: text(field(error, "code")),
  constraint: text(field(error, "constraint_name")),
  hint: text(field(error, "hint")),
  position: text(field(error, "position")),
  routine: text(field(error, "routine")),
  reason: text(field(error, "reason")),
})

/** PostgreSQL gives a violated NOT NULL no name; its column is what there is to tell. */
const constraintOf = (error: NativeError, cause: unknown): string | undefined => {
  if (error.constraint !== undefined || error.code !== "23502") return error.constraint
  const column = text(field(cause, "column_name"))
  const table = text(field(cause, "table_name"))
  return column === undefined || table === undefined ? undefined : `${table}.${column}`
}

/** Says what an error means, be it from this thread or rebuilt from another. */
export const classifyFailure = (cause: unknown, context: FailureContext): PgFailure => {
  const error = nativeError(cause)
  const { code } = error
  return {
    kind: kindOf(error, code),
    message: messageOf(error, code, context),
    code,
    constraint: constraintOf(error, cause),
    isDisconnect: isDisconnect(code),
    isRetryable: (code !== undefined && retryable.has(code)) || isStalePlan(error),
  }
}
