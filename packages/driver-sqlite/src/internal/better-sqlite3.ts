import { createRequire } from "node:module"
import { given } from "@offloop/runtime/tasks"

/** A value as SQLite gives it in raw mode. Blobs are Node buffers. */
export type NativeCell = null | number | bigint | string | Uint8Array

/** A row in raw mode. */
export type NativeRow = Array<NativeCell>

/** The part of a better-sqlite3 statement that the driver uses. */
export interface NativeStatement {
  /** The statement returns rows. */
  readonly reader: boolean
  /** The statement cannot change the database. */
  readonly readonly: boolean
  readonly raw: (toggle: boolean) => NativeStatement
  readonly pluck: (toggle: boolean) => NativeStatement
  readonly safeIntegers: (toggle: boolean) => NativeStatement
  readonly columns: () => ReadonlyArray<{ readonly name: string }>
  readonly run: (parameters: ReadonlyArray<unknown>) => { readonly changes: number }
  readonly get: () => unknown
  readonly all: (parameters: ReadonlyArray<unknown>) => Array<NativeRow>
  readonly iterate: (parameters: ReadonlyArray<unknown>) => IterableIterator<NativeRow>
}

/** The part of a better-sqlite3 database that the driver uses. */
export interface NativeDatabase {
  readonly inTransaction: boolean
  readonly prepare: (sql: string) => NativeStatement
  /** Runs statements without parameters and without answers, and frees them at once. */
  readonly exec: (sql: string) => NativeDatabase
  readonly pragma: (source: string, options?: { readonly simple?: boolean }) => unknown
  readonly unsafeMode: (toggle: boolean) => NativeDatabase
  readonly close: () => NativeDatabase
}

interface NativeDatabaseConstructor {
  new (
    path: string,
    options: { readonly readonly: boolean; readonly fileMustExist: boolean; readonly timeout: number },
  ): NativeDatabase
}

/** The lowest major version of Node on which better-sqlite3 13 loads without ending the process. */
export const lowestNode = 22

/** `process.versions` as far as it tells the runtimes apart: Bun and Deno name a Node version there as well. */
export interface RuntimeVersions {
  readonly node?: string | undefined
  readonly bun?: string | undefined
  readonly deno?: string | undefined
}

/**
 * The error that stops better-sqlite3 from being loaded, or undefined.
 *
 * It must be asked first: on an older Node the native addon does not fail to load, it ends the process.
 */
export const refusalToLoad = (versions: RuntimeVersions): Error | undefined => {
  if (versions.bun !== undefined || versions.deno !== undefined || versions.node === undefined) return undefined
  if (Number.parseInt(versions.node, 10) >= lowestNode) return undefined
  return Object.assign(
    new Error(`better-sqlite3 13 needs Node ${lowestNode} or later and this is Node ${versions.node}`),
    { code: "ERR_NODE_TOO_OLD" },
  )
}

/** Loads better-sqlite3 on the calling thread, which is why it is not an import of this module. */
export const loadBetterSqlite3 = (versions: RuntimeVersions = process.versions): NativeDatabaseConstructor => {
  const refusal = refusalToLoad(versions)
  if (refusal !== undefined) throw refusal
  // A single-file executable brings it itself, since nothing is installed where it runs.
  const brought = given("better-sqlite3") as { readonly default: NativeDatabaseConstructor } | undefined
  if (brought !== undefined) return brought.default
  try {
    return createRequire(import.meta.url)("better-sqlite3") as NativeDatabaseConstructor
  } catch (cause) {
    // Each runtime has its own code for a module that is not there or not whole.
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw Object.assign(new Error(reason, { cause }), { code: "MODULE_NOT_FOUND" })
  }
}
