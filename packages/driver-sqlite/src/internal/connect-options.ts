import { ConnectOptionReader } from "@offloop/orm-async/driver"
import { memoryPath, type SqliteConfig } from "./sqlite-config.ts"

const highestInt = 2 ** 31 - 1

type ReadPragma = (options: ConnectOptionReader, name: string) => string | number | undefined

const words: Readonly<Record<string, ReadonlyArray<string>>> = {
  auto_vacuum: ["NONE", "FULL", "INCREMENTAL"],
  journal_mode: ["WAL", "DELETE", "TRUNCATE", "PERSIST", "MEMORY", "OFF"],
  synchronous: ["OFF", "NORMAL", "FULL", "EXTRA"],
  temp_store: ["DEFAULT", "FILE", "MEMORY"],
}

const oneWord: ReadPragma = (options, name) => options.oneOf(name, words[name] ?? [], undefined)

const integer =
  (lowest: number, highest: number): ReadPragma =>
  (options, name) =>
    options.has(name) ? options.integer(name, lowest, highest, 0) : undefined

const onOff: ReadPragma = (options, name) =>
  options.has(name) ? (options.boolean(name, false) ? "ON" : "OFF") : undefined

/**
 * The pragmas that a connection can be opened with, in the order in which they must run: the page layout before the
 * journal, because making the journal writes the file. SQLite itself ignores a pragma or a value that it does not know.
 */
const pragmas: Readonly<Record<string, ReadPragma>> = {
  page_size: integer(512, 65_536),
  auto_vacuum: oneWord,
  journal_mode: oneWord,
  synchronous: oneWord,
  foreign_keys: onOff,
  cache_size: integer(-highestInt, highestInt),
  mmap_size: integer(0, Number.MAX_SAFE_INTEGER),
  temp_store: oneWord,
  wal_autocheckpoint: integer(0, highestInt),
  journal_size_limit: integer(-1, Number.MAX_SAFE_INTEGER),
  recursive_triggers: onOff,
  trusted_schema: onOff,
  cell_size_check: onOff,
  query_only: onOff,
}

/** Every option that a URL's query and `connectArgs` may hold. */
export const knownOptions: ReadonlyArray<string> = [
  "readonly",
  "create",
  "busy_timeout",
  "statement_cache_size",
  ...Object.keys(pragmas),
].sort()

/** Tells whether a URL's database is one in memory. */
export const isMemory = (database: string | undefined): boolean =>
  database === undefined || database === "" || database === memoryPath

const parsePath = (database: string | undefined): string => {
  if (database === undefined || isMemory(database)) return memoryPath
  if (database.includes("\0")) throw new RangeError("The SQLite file's path holds a NUL character; remove it")
  if (database.startsWith("file:")) {
    throw new RangeError(
      `The SQLite path "${database}" is a file: URI; write the path itself, and its options as the URL's query`,
    )
  }
  if (database !== database.trim()) {
    throw new RangeError(
      `The SQLite path "${database}" begins or ends with white space, which would be cut off; remove it`,
    )
  }
  return database
}

/** Defaults that suit many connections on one file; a database that is only read keeps the journal that it has. */
const defaultsFor = (path: string, readonly: boolean): Readonly<Record<string, unknown>> =>
  path === memoryPath || readonly
    ? { foreign_keys: true }
    : { journal_mode: "WAL", synchronous: "NORMAL", foreign_keys: true }

/** SQL has its words in any case. */
const inCapitals = (name: string, value: unknown): unknown => {
  const capitals = typeof value === "string" ? value.toUpperCase() : undefined
  return words[name]?.find((word) => word === capitals) ?? value
}

/**
 * Checks the path and every option.
 *
 * @throws {RangeError} of the first problem found: which option it was, what it was and what it takes
 */
export const parseConnectOptions = (
  database: string | undefined,
  given: Readonly<Record<string, unknown>>,
): SqliteConfig => {
  const options = new ConnectOptionReader("SQLite", given, knownOptions)
  const path = parsePath(database)
  const readonly = options.boolean("readonly", false)
  if (readonly && path === memoryPath) throw new RangeError("A database in memory cannot be readonly; name a file")

  const pragmaOptions = Object.entries({ ...defaultsFor(path, readonly), ...given }).map(
    ([name, value]) => [name, inCapitals(name, value)] as const,
  )
  const wanted = new ConnectOptionReader("SQLite", Object.fromEntries(pragmaOptions), knownOptions)
  const run: Array<readonly [string, string | number]> = []
  for (const [name, read] of Object.entries(pragmas)) {
    const value = read(wanted, name)
    if (value !== undefined) run.push([name, value])
  }
  return {
    path,
    readonly,
    create: !readonly && options.boolean("create", true),
    busyTimeout: options.integer("busy_timeout", 0, highestInt, 5_000),
    statementCacheSize: options.integer("statement_cache_size", 0, highestInt, 128),
    pragmas: run,
  }
}
