import * as Either from "effect/Either"
import { isSocketFolder, type PgConfig, type SslMode } from "./pg-config.ts"

/** What is wrong with a URL or an option, and what to do. */
export type OptionProblem = string

type Parsed<A> = Either.Either<A, OptionProblem>
type Parse<A> = (name: string, value: unknown) => Parsed<A>

/** Everything of a connection's configuration that its URL and options decide. */
export type ConnectOptions = Omit<PgConfig, "id">

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

const shown = (value: unknown): string => (typeof value === "string" ? `"${value}"` : String(value))

const oneOf =
  <Word extends string>(...words: ReadonlyArray<Word>): Parse<Word> =>
  (name, value) => {
    const word = words.find((known) => known === value)
    return word === undefined
      ? Either.left(`PostgreSQL option ${name} is ${shown(value)}; it takes ${words.join(", ")}`)
      : Either.right(word)
  }

const boolean: Parse<boolean> = (name, value) => {
  const word = String(value).toLowerCase()
  if (["1", "true", "on", "yes"].includes(word)) return Either.right(true)
  if (["0", "false", "off", "no"].includes(word)) return Either.right(false)
  return Either.left(`PostgreSQL option ${name} is ${shown(value)}; it takes true or false (also 1 and 0)`)
}

const integer =
  (lowest: number, highest: number): Parse<number> =>
  (name, value) => {
    const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value
    return typeof number === "number" && Number.isInteger(number) && number >= lowest && number <= highest
      ? Either.right(number)
      : Either.left(
          `PostgreSQL option ${name} is ${shown(value)}; it takes a whole number from ${lowest} to ${highest}`,
        )
  }

const text: Parse<string> = (name, value) =>
  typeof value === "string" && !value.includes("\0")
    ? Either.right(value)
    : Either.left(`PostgreSQL option ${name} is ${shown(value)}; it takes text`)

const setting: Parse<string> = (name, value) =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? text(name, String(value))
    : Either.left(`PostgreSQL option ${name} is ${shown(value)}; it takes text, a number or a boolean`)

const highestInt = 2 ** 31 - 1

const ownOptions = {
  close_timeout: integer(0, highestInt),
  connect_timeout: integer(0, highestInt),
  host: text,
  keep_alive: integer(0, highestInt),
  max_pipeline: integer(1, 10_000),
  prepare: boolean,
  sslcert: text,
  sslkey: text,
  sslmode: oneOf<SslMode>("disable", "prefer", "require", "verify-ca", "verify-full"),
  sslrootcert: text,
  statement_cache_size: integer(0, highestInt),
} as const

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
export const knownOptions: ReadonlyArray<string> = [...Object.keys(ownOptions), ...sessionSettings].sort()

const second = 1_000

const parsePort = (port: unknown): Parsed<number> => integer(1, 65_535)("port", port)

const sessionOf = (options: Readonly<Record<string, unknown>>): Parsed<Readonly<Record<string, string>>> =>
  Either.gen(function* () {
    const session: Record<string, string> = { application_name: "offloop" }
    for (const name of sessionSettings) {
      if (options[name] !== undefined) session[name] = yield* setting(name, options[name])
    }
    // Moments are read from text, so the text's form must not be left to the server's configuration.
    return { ...session, DateStyle: "ISO" }
  })

/** Checks every option; the first problem found says which option, what it was and what it takes. */
export const parseConnectOptions = (
  url: ServerUrl,
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
): Parsed<ConnectOptions> =>
  Either.gen(function* () {
    for (const [name, value] of Object.entries(options)) {
      if (!knownOptions.includes(name)) {
        yield* Either.left(`PostgreSQL has no option ${name}; the known ones are ${knownOptions.join(", ")}`)
      }
      if (Array.isArray(value)) yield* Either.left(`PostgreSQL option ${name} is given more than once; give it once`)
    }
    const option = <A, B>(name: keyof typeof ownOptions, parse: Parse<A>, fallback: B): Parsed<A | B> =>
      options[name] === undefined ? Either.right(fallback) : parse(name, options[name])

    const host = url.host ?? (yield* option("host", ownOptions.host, environment.PGHOST || "localhost"))
    const user = url.username ?? environment.PGUSER
    if (user === undefined || user === "") {
      yield* Either.left(
        "The PostgreSQL URL names no user: write postgresql://user:password@host/database, or set PGUSER",
      )
    }
    const defaultMode: SslMode = isSocketFolder(host) ? "disable" : "prefer"
    const mode = yield* option("sslmode", ownOptions.sslmode, defaultMode)
    const rootCertificate = yield* option("sslrootcert", ownOptions.sslrootcert, undefined)
    const certificate = yield* option("sslcert", ownOptions.sslcert, undefined)
    const key = yield* option("sslkey", ownOptions.sslkey, undefined)
    if ((certificate === undefined) !== (key === undefined)) {
      yield* Either.left("PostgreSQL options sslcert and sslkey belong together; give both or neither")
    }
    return {
      host,
      port: yield* parsePort(url.port ?? (environment.PGPORT || 5432)),
      user: user ?? "",
      password: url.password ?? environment.PGPASSWORD ?? "",
      database: url.database || environment.PGDATABASE || (user ?? ""),
      ssl: { mode, rootCertificate, certificate, key },
      connectTimeout: (yield* option("connect_timeout", ownOptions.connect_timeout, 30)) * second,
      closeTimeout: (yield* option("close_timeout", ownOptions.close_timeout, 5)) * second,
      prepare: yield* option("prepare", ownOptions.prepare, true),
      statementCacheSize: yield* option("statement_cache_size", ownOptions.statement_cache_size, 256),
      maxPipeline: yield* option("max_pipeline", ownOptions.max_pipeline, 100),
      keepAlive: yield* option("keep_alive", ownOptions.keep_alive, 60),
      session: yield* sessionOf(options),
    }
  })
