import * as Either from "effect/Either"
import { memoryPath, type SqliteConfig } from "./sqlite-config.ts"

/** Everything of a connection's configuration that its URL and options decide. */
export type ConnectOptions = Omit<SqliteConfig, "id">

/** What is wrong with a URL or an option, and what to do. */
export type OptionProblem = string

type Parsed<A> = Either.Either<A, OptionProblem>
type Parse<A> = (name: string, value: unknown) => Parsed<A>

const shown = (value: unknown): string => (typeof value === "string" ? `"${value}"` : String(value))

const oneOf =
  (...words: ReadonlyArray<string>): Parse<string> =>
  (name, value) => {
    const word = typeof value === "string" ? value.toUpperCase() : undefined
    return word !== undefined && words.includes(word)
      ? Either.right(word)
      : Either.left(`SQLite option ${name} is ${shown(value)}; it takes ${words.join(", ")}`)
  }

const truths = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ["1", true],
  ["true", true],
  ["on", true],
  ["yes", true],
  [false, false],
  [0, false],
  ["0", false],
  ["false", false],
  ["off", false],
  ["no", false],
])

const boolean: Parse<boolean> = (name, value) => {
  const truth = truths.get(typeof value === "string" ? value.toLowerCase() : value)
  return truth === undefined
    ? Either.left(`SQLite option ${name} is ${shown(value)}; it takes 1 or 0 (also true and false, on and off)`)
    : Either.right(truth)
}

const integer =
  (lowest: number, highest: number): Parse<number> =>
  (name, value) => {
    const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value
    return typeof number === "number" && Number.isInteger(number) && number >= lowest && number <= highest
      ? Either.right(number)
      : Either.left(`SQLite option ${name} is ${shown(value)}; it takes a whole number from ${lowest} to ${highest}`)
  }

const highestInt = 2 ** 31 - 1
const onOff: Parse<string> = (name, value) => Either.map(boolean(name, value), (truth) => (truth ? "ON" : "OFF"))

/**
 * The pragmas that a connection can be opened with, in the order in which they must run: the page layout before the
 * journal, because making the journal writes the file. SQLite itself ignores a pragma or a value that it does not know.
 */
const pragmas: Readonly<Record<string, Parse<string | number>>> = {
  page_size: integer(512, 65_536),
  auto_vacuum: oneOf("NONE", "FULL", "INCREMENTAL"),
  journal_mode: oneOf("WAL", "DELETE", "TRUNCATE", "PERSIST", "MEMORY", "OFF"),
  synchronous: oneOf("OFF", "NORMAL", "FULL", "EXTRA"),
  foreign_keys: onOff,
  cache_size: integer(-highestInt, highestInt),
  mmap_size: integer(0, Number.MAX_SAFE_INTEGER),
  temp_store: oneOf("DEFAULT", "FILE", "MEMORY"),
  wal_autocheckpoint: integer(0, highestInt),
  journal_size_limit: integer(-1, Number.MAX_SAFE_INTEGER),
  recursive_triggers: onOff,
  trusted_schema: onOff,
  cell_size_check: onOff,
  query_only: onOff,
}

const ownOptions = {
  readonly: boolean,
  create: boolean,
  busy_timeout: integer(0, highestInt),
  statement_cache_size: integer(0, highestInt),
} as const

/** Every option that a URL's query and `connectArgs` may hold. */
export const knownOptions: ReadonlyArray<string> = [...Object.keys(ownOptions), ...Object.keys(pragmas)].sort()

/** Whether a URL's database is one in memory. */
export const isMemory = (database: string | undefined): boolean =>
  database === undefined || database === "" || database === memoryPath

const parsePath = (database: string | undefined): Parsed<string> => {
  if (database === undefined || isMemory(database)) return Either.right(memoryPath)
  if (database.includes("\0")) return Either.left("The SQLite file's path holds a NUL character; remove it")
  if (database.startsWith("file:")) {
    return Either.left(
      `The SQLite path "${database}" is a file: URI; write the path itself, and its options as the URL's query`,
    )
  }
  if (database !== database.trim()) {
    return Either.left(
      `The SQLite path "${database}" begins or ends with white space, which would be cut off; remove it`,
    )
  }
  return Either.right(database)
}

/** Defaults that suit many connections on one file; a database that is only read keeps the journal that it has. */
const defaultsFor = (path: string, readonly: boolean): Readonly<Record<string, unknown>> =>
  path === memoryPath || readonly
    ? { foreign_keys: true }
    : { journal_mode: "WAL", synchronous: "NORMAL", foreign_keys: true }

/** Checks the path and every option; the first problem found says which option, what it was and what it takes. */
export const parseConnectOptions = (
  database: string | undefined,
  options: Readonly<Record<string, unknown>>,
): Parsed<ConnectOptions> =>
  Either.gen(function* () {
    for (const [name, value] of Object.entries(options)) {
      if (!knownOptions.includes(name)) {
        yield* Either.left(`SQLite has no option ${name}; the known ones are ${knownOptions.join(", ")}`)
      }
      if (Array.isArray(value)) yield* Either.left(`SQLite option ${name} is given more than once; give it once`)
    }
    const option = <A>(name: keyof typeof ownOptions, parse: Parse<A>, fallback: A): Parsed<A> =>
      options[name] === undefined ? Either.right(fallback) : parse(name, options[name])

    const path = yield* parsePath(database)
    const readonly = yield* option("readonly", ownOptions.readonly, false)
    if (readonly && path === memoryPath) yield* Either.left("A database in memory cannot be readonly; name a file")

    const wanted: Readonly<Record<string, unknown>> = { ...defaultsFor(path, readonly), ...options }
    const run: Array<readonly [string, string | number]> = []
    for (const [name, parse] of Object.entries(pragmas)) {
      if (wanted[name] !== undefined) run.push([name, yield* parse(name, wanted[name])])
    }
    return {
      path,
      readonly,
      create: !readonly && (yield* option("create", ownOptions.create, true)),
      busyTimeout: yield* option("busy_timeout", ownOptions.busy_timeout, 5_000),
      statementCacheSize: yield* option("statement_cache_size", ownOptions.statement_cache_size, 128),
      pragmas: run,
    }
  })
