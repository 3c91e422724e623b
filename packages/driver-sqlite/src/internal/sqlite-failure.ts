import type { DriverErrorKind } from "@offloop/orm-async/driver"

/** The meaning of an error of the library. */
export interface SqliteFailure {
  readonly kind: DriverErrorKind
  readonly message: string
  readonly code: string | undefined
  readonly constraint: string | undefined
  readonly isRetryable: boolean
}

/** The connection's settings that a message's remedy names. */
export interface FailureContext {
  readonly path: string
}

interface NativeError {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
  readonly reason: string | undefined
  readonly parameterSet: number | undefined
  readonly parameterSetCount: number | undefined
}

/** Kinds by SQLite's primary result codes (https://www.sqlite.org/rescode.html), as DB-API drivers of Python have them. */
const kinds: Readonly<Record<string, DriverErrorKind>> = {
  SQLITE_CONSTRAINT: "IntegrityError",
  SQLITE_MISMATCH: "DataError",
  SQLITE_TOOBIG: "DataError",
  SQLITE_RANGE: "InterfaceError",
  SQLITE_MISUSE: "InterfaceError",
  SQLITE_INTERNAL: "InternalError",
  SQLITE_NOLFS: "NotSupportedError",
  SQLITE_ERROR: "ProgrammingError",
}

/** Another connection is in the way, and may be gone at the next try. */
const retryable = new Set(["SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"])

/** `SQLITE_CONSTRAINT_UNIQUE` is a `SQLITE_CONSTRAINT`. */
const primaryCode = (code: string): string => code.split("_", 2).join("_")

/**
 * SQLite names a CHECK constraint and an index on expressions; of the others it tells the columns
 * (`users.tenant, users.email`), and of a foreign key nothing.
 */
const constraintOf = (message: string): string | undefined => {
  const told = /^(?:UNIQUE|NOT NULL|CHECK) constraint failed: (.+)$/s.exec(message)?.[1]
  return told === undefined ? undefined : (/^index '(.+)'$/s.exec(told)?.[1] ?? told)
}

const remedies: Readonly<Record<string, (context: FailureContext) => string>> = {
  SQLITE_BUSY_SNAPSHOT: () =>
    "another connection has written since this transaction first read; roll back and run the transaction again",
  SQLITE_BUSY: () => "another connection holds the lock; run the transaction again, or wait longer with ?busy_timeout=",
  SQLITE_CANTOPEN: ({ path }) =>
    `cannot open ${path}; check that the file or its directory exists and may be read and written, or use ?readonly=1`,
  SQLITE_CORRUPT: ({ path }) => `${path} is damaged; restore it from a backup, or salvage it with sqlite3's .recover`,
  SQLITE_CONSTRAINT_FOREIGNKEY: () => "SQLite does not tell which foreign key",
  SQLITE_FULL: ({ path }) => `no space is left for ${path}`,
  SQLITE_NOTADB: ({ path }) => `${path} is not a SQLite database, is encrypted or is damaged; check the path`,
  SQLITE_READONLY: ({ path }) => `${path} or its directory may not be written, or the connection is readonly`,
}

const remedyOf = (code: string, context: FailureContext): string | undefined =>
  (remedies[code] ?? remedies[primaryCode(code)])?.(context)

const withRemedy = (message: string, remedy: string | undefined): string =>
  remedy === undefined ? message : `${message}: ${remedy}`

const failure = (
  kind: DriverErrorKind,
  message: string,
  more: {
    readonly code?: string | undefined
    readonly constraint?: string | undefined
    readonly isRetryable?: boolean
  } = {},
): SqliteFailure => ({
  kind,
  message,
  code: more.code,
  constraint: more.constraint,
  isRetryable: more.isRetryable ?? false,
})

const fromSqlite = (error: NativeError, code: string, context: FailureContext): SqliteFailure => {
  const primary = primaryCode(code)
  return failure(kinds[primary] ?? "OperationalError", withRemedy(error.message, remedyOf(code, context)), {
    code,
    constraint: primary === "SQLITE_CONSTRAINT" ? constraintOf(error.message) : undefined,
    isRetryable: retryable.has(primary),
  })
}

const install =
  "install it with `npm install better-sqlite3@13`, on the machine and for the platform that runs the program"

/** Errors of Node, of this driver and of the library that do not come from SQLite. */
const fromOther = (error: NativeError, context: FailureContext): SqliteFailure => {
  switch (error.code) {
    case "ERR_NODE_TOO_OLD":
      return failure("InterfaceError", `${error.message}; upgrade Node`, { code: error.code })
    case "MODULE_NOT_FOUND":
    case "ERR_MODULE_NOT_FOUND":
    case "ERR_DLOPEN_FAILED":
      return failure(
        "InterfaceError",
        `better-sqlite3 or its native binary cannot be loaded (${error.message}); ${install}`,
        {
          code: error.code,
        },
      )
    case "ERR_JOURNAL_MODE":
    case "OFFLOOP_ROW_COUNT":
      return failure("OperationalError", error.message, { code: error.code })
  }
  if (error.name === "UnbindableValueError") {
    return failure(error.reason === "range" ? "DataError" : "InterfaceError", error.message)
  }
  if (error.name === "CursorClosedError") return failure("ProgrammingError", error.message)
  if (error.message.includes("directory does not exist")) {
    return failure(
      "OperationalError",
      `The directory of ${context.path} does not exist; create it, because SQLite creates only the file`,
      { code: "SQLITE_CANTOPEN" },
    )
  }
  if (error.message.includes("more than one statement")) {
    return failure("ProgrammingError", `${error.message}; run them one by one`)
  }
  if (error.message.includes("contains no statements")) return failure("ProgrammingError", error.message)
  if (error.message.includes("parameter values were provided")) {
    return failure("ProgrammingError", `${error.message}: each ? takes one, and textClause() has :name instead of ?`)
  }
  if (error.message.includes("is too big")) return failure("DataError", error.message, { code: "SQLITE_TOOBIG" })
  return failure("InterfaceError", error.message, { code: error.code })
}

const field = (error: unknown, name: string): unknown =>
  typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)
const count = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

const nativeError = (error: unknown): NativeError => ({
  name: text(field(error, "name")) ?? "Error",
  message: text(field(error, "message")) ?? String(error),
  code: text(field(error, "code")),
  reason: text(field(error, "reason")),
  parameterSet: count(field(error, "parameterSet")),
  parameterSetCount: count(field(error, "parameterSetCount")),
})

/** Says what an error means, be it from this thread or rebuilt from another. */
export const classifyFailure = (cause: unknown, context: FailureContext): SqliteFailure => {
  const error = nativeError(cause)
  const isSqlite = error.code?.startsWith("SQLITE_") === true
  const meaning = isSqlite ? fromSqlite(error, error.code ?? "", context) : fromOther(error, context)
  if (error.parameterSet === undefined) return meaning
  return {
    ...meaning,
    message: `${meaning.message} (parameter set ${error.parameterSet} of ${error.parameterSetCount})`,
  }
}
