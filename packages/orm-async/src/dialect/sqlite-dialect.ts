import { ArgumentError, CompileError } from "../errors/usage-errors.ts"
import type { Dialect } from "./dialect.ts"
import { sqliteType } from "./sqlite-types.ts"
import { typeMap } from "./type-map.ts"

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const literal = (encoded: unknown): string => {
  if (encoded === null) return "NULL"
  if (typeof encoded === "string") return `'${encoded.replaceAll("'", "''")}'`
  if (typeof encoded === "boolean") return encoded ? "1" : "0"
  if (encoded instanceof Uint8Array) {
    return `x'${Array.from(encoded, (byte) => byte.toString(16).padStart(2, "0")).join("")}'`
  }
  if (encoded === Number.POSITIVE_INFINITY) return "9e999"
  return encoded === Number.NEGATIVE_INFINITY ? "-9e999" : String(encoded)
}

/**
 * SQLite 3.35 and later.
 *
 * A transaction whose first statement writes begins IMMEDIATE: one that begins as a reader and then writes fails with
 * "database is locked" when another has written in between, and no timeout helps. `beginMode` says otherwise.
 *
 * @see SQLAlchemy `sqlalchemy.dialects.sqlite`
 */
export const sqliteDialect: Dialect = {
  name: "sqlite",
  textSyntax: {
    nestedComments: false,
    escapeStrings: false,
    dollarQuotes: false,
    bracketsAndBackticks: true,
    // As SQLite takes it, alone among databases.
    emptyList: () => "",
  },
  quoteIdentifier: quote,
  placeholder: () => "?",
  type: typeMap(sqliteType),
  literal,
  maxParameters: 32766,
  maxIdentifierLength: 9999,
  supportsReturning: true,
  castsLiterals: false,
  supportsAddConstraint: false,
  addConstraint: (table) => {
    throw new CompileError({ message: `SQLite cannot add a constraint to ${table}; create it with the table` })
  },
  indexTarget: (schema, index, _, table) => `${schema === undefined ? "" : `${schema}.`}${index} ON ${table}`,
  now: "strftime('%Y-%m-%d %H:%M:%f', 'now')",
  autoincrement: { type: "INTEGER", suffix: "" },
  limit: (limit, offset) => ` LIMIT ${limit ?? "-1"}${offset === undefined ? "" : ` OFFSET ${offset}`}`,
  forUpdate: ({ nowait }) => {
    if (!nowait) return ""
    throw new CompileError({
      message: "SQLite has no NOWAIT: it locks the whole database. Connect with busy_timeout=0 to fail at once",
    })
  },
  ilike: (left, pattern) => `lower(${left}) LIKE lower(${pattern})`,
  distinctOn: () => {
    throw new CompileError({
      message: "SQLite has no DISTINCT ON; number the rows with over(rowNumber(), …) and keep the first",
    })
  },
  deleteUsing: () => {
    throw new CompileError({
      message: "SQLite has no DELETE … USING; use where(exists(select(…))) or inArray with a subquery",
    })
  },
  conflictConstraint: (name) => {
    throw new CompileError({
      message: `SQLite cannot name the constraint ${name} as a conflict's target; name its columns`,
    })
  },
  groupedQuery: (query) => `SELECT * FROM (${query})`,
  // Without WHERE the parser takes ON for that of a join.
  queryBeforeConflict: (query) => `SELECT * FROM (${query}) WHERE true`,
  qualifiesReturning: false,
  beginStatement: ({ isWrite, isolationLevel, readOnly, beginMode }) => {
    if (isolationLevel !== undefined && isolationLevel.toUpperCase() !== "SERIALIZABLE") {
      throw new ArgumentError({
        message: `SQLite transactions are SERIALIZABLE; there is no isolation level ${isolationLevel}`,
      })
    }
    if (readOnly === true) {
      throw new ArgumentError({ message: "SQLite has no read-only transactions; open the database with ?readonly=1" })
    }
    if (beginMode === undefined) return isWrite ? "BEGIN IMMEDIATE" : "BEGIN"
    return beginMode === "DEFERRED" ? "BEGIN" : `BEGIN ${beginMode}`
  },
  isolationLevelQuery: undefined,
  commitStatement: "COMMIT",
  rollbackStatement: "ROLLBACK",
  savepoint: (name) => `SAVEPOINT ${quote(name)}`,
  releaseSavepoint: (name) => `RELEASE SAVEPOINT ${quote(name)}`,
  rollbackToSavepoint: (name) => `ROLLBACK TO SAVEPOINT ${quote(name)}`,
}
