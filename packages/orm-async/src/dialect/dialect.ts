import type { SqlType } from "../types/sql-type.ts"
import type { TextSyntax } from "./text-syntax.ts"

/** Cells that need no decoding, by their JavaScript type. */
export type UnchangedCells = "integer" | "number" | "string"

/** A dialect's form of a type. */
export interface DialectType {
  /** The type's name in DDL. */
  readonly ddl: string
  /** The type's name in CAST; that of DDL if undefined. */
  readonly castAs: string | undefined
  /**
   * Makes a value that the driver can bind, or throws `ValueProblem`. It never sees NULL. Undefined where any value
   * that a driver can bind passes.
   */
  readonly encode: (value: unknown) => unknown
  /** Makes the value of a driver's cell, or throws `ValueProblem`. It never sees NULL. Undefined where cells pass. */
  readonly decode: ((cell: unknown) => unknown) | undefined
  /**
   * Cells that `decode` gives back as they are: readers of rows leave the call out for them. `integer` are numbers
   * without a fraction that fit 32 bits.
   */
  readonly unchanged?: UnchangedCells | undefined
  /** SQL around a placeholder wherever it stands, because the driver would send the value as another type. */
  readonly bindAs: ((placeholder: string) => string) | undefined
  /** Cells need integers of 64 bits. */
  readonly bigints: boolean
}

/**
 * How a transaction of SQLite begins. `DEFERRED` takes no lock before it reads or writes, `IMMEDIATE` the lock for writing, and
 * `EXCLUSIVE` that of all readers too, where the journal is no write-ahead log.
 */
export type BeginMode = "DEFERRED" | "IMMEDIATE" | "EXCLUSIVE"

/** Options of BEGIN. */
export interface BeginOptions {
  /** The first statement may change data. */
  readonly isWrite: boolean
  /** By its SQL name; the database's default if undefined. */
  readonly isolationLevel?: string | undefined
  readonly readOnly?: boolean | undefined
  /** Given only where the driver has such modes. */
  readonly beginMode?: BeginMode | undefined
}

/** Options of a lock clause. Names are quoted. */
export interface LockOptions {
  readonly nowait: boolean
  readonly skipLocked: boolean
  readonly read: boolean
  readonly of: ReadonlyArray<string>
}

/**
 * The properties of one kind of database. Pure: texts and functions over values, no I/O. Third parties can
 * write one; `quoteIdentifier` and the type functions are called for every statement and are cached by shape.
 *
 * A hook that the dialect has no SQL for throws `CompileError` with a remedy.
 *
 * @see SQLAlchemy `sqlalchemy.engine.Dialect`
 */
export interface Dialect {
  /** The name in a URL: `sqlite`, `postgresql`. */
  readonly name: string
  /** How quotes and comments are written in SQL of the program's own; as standard SQL has it if undefined. */
  readonly textSyntax?: TextSyntax | undefined
  readonly quoteIdentifier: (name: string) => string
  /** The placeholder of the parameter at a position, from 1. */
  readonly placeholder: (position: number) => string
  /** The dialect's form of a type. Must give the same object for the same type. */
  readonly type: (type: SqlType<unknown>) => DialectType
  /** A value as SQL text, for DDL, which takes no parameters. It is encoded already. */
  readonly literal: (encoded: unknown, type: SqlType<unknown>) => string
  /** Most parameters of one statement. */
  readonly maxParameters: number
  /** Most bytes of a name; longer constraint names are cut and get a hash. */
  readonly maxIdentifierLength: number
  readonly supportsReturning: boolean
  /** A parameter that stands alone needs a cast, because the database would not know its type. */
  readonly castsLiterals: boolean
  /** Constraints can be added to a table that exists. */
  readonly supportsAddConstraint: boolean
  /** Adds a constraint to a table, unless it is there. All names but the constraint's are quoted. */
  readonly addConstraint: (table: string, name: string, constraint: string, ifNotExists: boolean) => string
  /** `name ON table` of CREATE INDEX. Names are quoted; `fullName` has the schema. */
  readonly indexTarget: (schema: string | undefined, index: string, fullName: string, table: string) => string
  /** The moment, in the form in which timestamps are stored. */
  readonly now: string
  /** SQL after a column's type in DDL that makes it count up by itself. */
  readonly autoincrement: { readonly type: string | undefined; readonly suffix: string }
  /** LIMIT and OFFSET; at least one is there. */
  readonly limit: (limit: string | undefined, offset: string | undefined) => string
  /** A lock clause; empty where beginning the transaction with a write lock does the same. */
  readonly forUpdate: (options: LockOptions) => string
  /** LIKE that minds no case. */
  readonly ilike: (left: string, pattern: string) => string
  /** `DISTINCT ON (…)`. */
  readonly distinctOn: (expressions: string) => string
  /** `USING …` of a DELETE. */
  readonly deleteUsing: (tables: string) => string
  /** `ON CONFLICT ON CONSTRAINT name`'s target. */
  readonly conflictConstraint: (name: string) => string
  /** One operand of a UNION that is itself a UNION, ordered or limited. */
  readonly groupedQuery: (query: string) => string
  /** The query of INSERT … SELECT where ON CONFLICT follows; as it is if undefined. */
  readonly queryBeforeConflict?: ((query: string) => string) | undefined
  /** The tables of RETURNING's columns are named. */
  readonly qualifiesReturning: boolean
  readonly beginStatement: (options: BeginOptions) => string
  /** SQL that gives the isolation level in force as its only value; undefined where there is only SERIALIZABLE. */
  readonly isolationLevelQuery: string | undefined
  readonly commitStatement: string
  readonly rollbackStatement: string
  readonly savepoint: (name: string) => string
  readonly releaseSavepoint: (name: string) => string
  readonly rollbackToSavepoint: (name: string) => string
}
