import { ConnectOptionReader } from "@offloop/orm-async/driver"
import { isSocketFolder, type PgConfig, type SslMode } from "./pg-config.ts"

/** The parts of a URL that a connection is opened with. */
export interface ServerUrl {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
}

/** Environment variables, which stand in for missing parts of a URL as in all of PostgreSQL's clients. */
export type Environment = Readonly<Record<string, string | undefined>>

const highestInt = 2 ** 31 - 1
const second = 1_000

/** Default time limits, in seconds. */
const timeouts = {
  connect_timeout: 30,
  close_timeout: 5,
  ping_timeout: 5,
  reset_timeout: 5,
  commit_timeout: 60,
  cancel_timeout: 10,
} as const

const ownOptions = [
  ...Object.keys(timeouts),
  "host",
  "keep_alive",
  "max_pipeline",
  "prepare",
  "sslcert",
  "sslkey",
  "sslmode",
  "sslrootcert",
  "statement_cache_size",
]

/** Settings of the server (https://www.postgresql.org/docs/current/runtime-config-client.html) that a session can start with. */
const sessionSettings = [
  "application_name",
  "client_min_messages",
  "default_transaction_deferrable",
  "default_transaction_isolation",
  "default_transaction_read_only",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "lock_timeout",
  "options",
  "search_path",
  "statement_timeout",
  "timezone",
  "transaction_timeout",
] as const

/** Every option that a URL's query and `connectArgs` may hold. */
export const knownOptions: ReadonlyArray<string> = [...ownOptions, ...sessionSettings].sort()

const sslModes: ReadonlyArray<SslMode> = ["disable", "prefer", "require", "verify-ca", "verify-full"]

const sessionOf = (options: ConnectOptionReader): Readonly<Record<string, string>> => {
  const session: Record<string, string> = { application_name: "offloop" }
  for (const name of sessionSettings) {
    const value = options.setting(name, undefined)
    if (value !== undefined) session[name] = value
  }
  // Moments are read from text, so the text's form must not be left to the server's configuration.
  return { ...session, DateStyle: "ISO" }
}

/** A NUL character would end the text in the message that opens the session, and what follows would be a setting. */
const withoutNul = (part: string, text: string): string => {
  if (!text.includes("\0")) return text
  throw new RangeError(`The PostgreSQL ${part} holds a NUL character, which no ${part} has; remove it`)
}

const portOf = (port: number | string): number => {
  const number = typeof port === "string" && /^\d+$/.test(port) ? Number(port) : port
  if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= 65_535) return number
  const shown = typeof port === "string" ? `"${port}"` : port
  throw new RangeError(`PostgreSQL option port is ${shown}; it takes a whole number from 1 to 65535`)
}

const userOf = (url: ServerUrl, environment: Environment): string => {
  const user = url.username ?? environment.PGUSER ?? ""
  if (user !== "") return withoutNul("user", user)
  throw new RangeError(
    "The PostgreSQL URL names no user: write postgresql://user:password@host/database, or set PGUSER",
  )
}

const sslOf = (options: ConnectOptionReader, host: string): PgConfig["ssl"] => {
  const certificate = options.text("sslcert", undefined)
  const key = options.text("sslkey", undefined)
  if ((certificate === undefined) !== (key === undefined)) {
    throw new RangeError("PostgreSQL options sslcert and sslkey belong together; give both or neither")
  }
  return {
    mode: options.oneOf("sslmode", sslModes, isSocketFolder(host) ? "disable" : "prefer"),
    rootCertificate: options.text("sslrootcert", undefined),
    certificate,
    key,
  }
}

/**
 * Reads a URL and its options.
 *
 * @throws {RangeError} the first problem found: which part or option, what it was and what it takes
 */
export const parseConnectOptions = (
  url: ServerUrl,
  given: Readonly<Record<string, unknown>>,
  environment: Environment,
): PgConfig => {
  const options = new ConnectOptionReader("PostgreSQL", given, knownOptions)
  const host = withoutNul("host", url.host ?? options.text("host", environment.PGHOST || "localhost"))
  const user = userOf(url, environment)
  const timeout = (name: keyof typeof timeouts): number =>
    options.integer(name, 0, Math.floor(highestInt / second), timeouts[name]) * second
  return {
    host,
    port: portOf(url.port ?? (environment.PGPORT || 5432)),
    user,
    password: withoutNul("password", url.password ?? environment.PGPASSWORD ?? ""),
    database: withoutNul("database", url.database || environment.PGDATABASE || user),
    ssl: sslOf(options, host),
    connectTimeout: timeout("connect_timeout"),
    closeTimeout: timeout("close_timeout"),
    pingTimeout: timeout("ping_timeout"),
    resetTimeout: timeout("reset_timeout"),
    commitTimeout: timeout("commit_timeout"),
    cancelTimeout: timeout("cancel_timeout"),
    prepare: options.boolean("prepare", true),
    statementCacheSize: options.integer("statement_cache_size", 0, highestInt, 256),
    maxPipeline: options.integer("max_pipeline", 1, 10_000, 100),
    keepAlive: options.integer("keep_alive", 0, highestInt, 60),
    session: sessionOf(options),
  }
}
