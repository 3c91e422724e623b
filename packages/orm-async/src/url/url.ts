import { ArgumentError } from "../errors/index.ts"
import { isIpv6, parseQuery, parseUrl, renderUrl, type UrlParts } from "./url-text.ts"

export type { UrlParts } from "./url-text.ts"

const inspectCustom = Symbol.for("nodejs.util.inspect.custom")

// The keys of Effect's Equal and Hash, which are global symbols: Effect programs compare URLs by them.
const effectEqual = Symbol.for("effect/Equal")
const effectHash = Symbol.for("effect/Hash")

const hashOf = (text: string): number => {
  let hash = 5381
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash, 33) ^ text.charCodeAt(i)
  return hash
}

/** An option with one value has the value itself, as when it is read from text; one without any is left out. */
const plainQuery = (query: UrlParts["query"]): Record<string, string | ReadonlyArray<string>> =>
  Object.fromEntries(
    Object.entries(query ?? {}).flatMap(([name, value]) => {
      if (typeof value === "string") return [[name, value]]
      return value.length === 0 ? [] : [[name, value.length === 1 ? (value[0] as string) : Object.freeze([...value])]]
    }),
  )

/** Renames the dialect `postgres`, as libpq and most hosts spell it, to `postgresql`. */
const canonicalName = (drivername: string): string => drivername.replace(/^postgres(?=\+|$)/, "postgresql")

const checkParts = (parts: UrlParts): UrlParts => {
  const { drivername, host, port, username, password, database, query } = parts
  if (!/^[A-Za-z][\w.-]*(\+[\w.-]+)?$/.test(drivername)) {
    throw new ArgumentError({
      message: `Url: drivername must be "dialect" or "dialect+driver", such as "sqlite" or "sqlite+better-sqlite3"; got ${JSON.stringify(drivername)}`,
    })
  }
  if (password !== undefined && username === undefined) {
    throw new ArgumentError({ message: "Url: a password is given without a username; give both" })
  }
  if (host !== undefined && (host === "" || (host.includes(":") ? !isIpv6(host) : /[\s/?#@[\]]/.test(host)))) {
    throw new ArgumentError({
      message: `Url: host must be a name or an address without port, user or brackets; got ${JSON.stringify(host)}`,
    })
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new ArgumentError({ message: `Url: port must be an integer from 0 to 65535; got ${String(port)}` })
  }
  const texts = Object.entries({ username, password, database }).concat(
    Object.entries(query ?? {}).flatMap(([name, value]) =>
      [name, value].flat().map((text) => ["query", text] as const),
    ),
  )
  for (const [part, text] of texts) {
    if (text !== undefined && !(typeof text === "string" && text.isWellFormed())) {
      throw new ArgumentError({
        message: `Url: ${part} must be well-formed text (it holds half a surrogate pair or is not a string)`,
      })
    }
  }
  if (Object.hasOwn(query ?? {}, "")) {
    throw new ArgumentError({ message: "Url: query has an option whose name is empty" })
  }
  return parts
}

/**
 * A database URL, `dialect+driver://user:password@host:port/database?option=value`: an immutable value.
 *
 * Printing, logging or `JSON.stringify`ing one hides the password. Two URLs are equal (`Equal.equals`) when all their
 * parts are.
 *
 * @see SQLAlchemy `sqlalchemy.engine.URL`
 * @example
 * ```ts
 * import { Url } from "@offloop/orm-async"
 *
 * const url = Url.create({ drivername: "postgresql", username: "ann", password: "p@ss", host: "db", database: "app" })
 * url.renderAsString({ hidePassword: false }) // "postgresql://ann:p%40ss@db/app"
 * ```
 */
export class Url {
  /** `dialect` or `dialect+driver`. */
  readonly drivername: string
  readonly username: string | undefined
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string | undefined
  readonly port: number | undefined
  /** A database's name or a file's path; undefined where the URL has no path at all. */
  readonly database: string | undefined
  /** Options after `?`; an option given several times has all its values in order. */
  readonly query: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly #password: string | undefined

  private constructor(parts: UrlParts) {
    this.drivername = canonicalName(parts.drivername)
    this.username = parts.username
    this.#password = parts.password
    this.host = parts.host
    this.port = parts.port
    this.database = parts.database
    this.query = Object.freeze(plainQuery(parts.query))
    Object.freeze(this)
  }

  /**
   * A URL of its parts, which are taken as they are: nothing in them is percent-coded.
   *
   * @throws {ArgumentError} if a part cannot be in a URL; the message names it
   */
  static create(parts: UrlParts): Url {
    return new Url(checkParts(parts))
  }

  /** The password in clear; hidden from `toString`, `JSON.stringify` and the console. */
  get password(): string | undefined {
    return this.#password
  }

  /** The dialect's name, before `+`: `sqlite`, `postgresql`. */
  getBackendName(): string {
    return this.drivername.split("+", 1)[0] as string
  }

  /** The driver's name, after `+`, if the URL has one. */
  getDriverName(): string | undefined {
    return this.drivername.split("+")[1]
  }

  /**
   * The URL as text, which {@link makeUrl} reads back to an equal URL unless the password is hidden.
   *
   * @param options.hidePassword shows `***` in place of the password (default true)
   */
  renderAsString(options?: { readonly hidePassword?: boolean | undefined }): string {
    return renderUrl(this, options?.hidePassword ?? true)
  }

  /**
   * A URL with some parts replaced; a part given as `undefined` is removed.
   *
   * @throws {ArgumentError} if the result is no URL
   */
  set(parts: Partial<UrlParts>): Url {
    return Url.create({ ...this.#parts(), ...parts })
  }

  /**
   * A URL with options added, given as an object or as `name=value&name=value`.
   *
   * @param options.append keep the values that an option has and add to them, instead of replacing them (default false)
   */
  updateQuery(
    query: Readonly<Record<string, string | ReadonlyArray<string>>> | string,
    options?: { readonly append?: boolean | undefined },
  ): Url {
    const added = typeof query === "string" ? parseQuery(query) : query
    const merged: Record<string, string | ReadonlyArray<string>> = { ...this.query }
    for (const [name, value] of Object.entries(added)) {
      const before = options?.append ? merged[name] : undefined
      merged[name] = before === undefined ? value : [before, value].flat()
    }
    return this.set({ query: merged })
  }

  /** A URL without the named options; names that it does not have are ignored. */
  differenceUpdateQuery(names: Iterable<string>): Url {
    const gone = new Set(names)
    return this.set({ query: Object.fromEntries(Object.entries(this.query).filter(([name]) => !gone.has(name))) })
  }

  /** Tells if `that` is a URL with the same parts, password included. */
  equals(that: unknown): boolean {
    return that instanceof Url && renderUrl(this, false) === renderUrl(that, false)
  }

  toString(): string {
    return this.renderAsString()
  }

  toJSON(): string {
    return this.renderAsString()
  }

  [inspectCustom](): string {
    return this.renderAsString()
  }

  [effectEqual](that: unknown): boolean {
    return this.equals(that)
  }

  [effectHash](): number {
    return hashOf(renderUrl(this, false))
  }

  #parts(): UrlParts {
    const { drivername, username, password, host, port, database, query } = this
    return { drivername, username, password, host, port, database, query }
  }
}

/**
 * Reads a database URL. A {@link Url} is returned as it is. Does no I/O.
 *
 * `sqlite://` and `sqlite:///:memory:` name a memory database, `sqlite:///app.db` a file relative to the working
 * directory, `sqlite:////var/app.db` and `sqlite:///C:/app.db` absolute ones. Characters that mean something in a URL
 * (`@ : / ? # %`) are percent-coded inside user, password, database and options. `postgres://` is read as `postgresql://`.
 *
 * @throws {ArgumentError} saying which part is wrong and how it should look; the password is never in the message
 * @see SQLAlchemy `sqlalchemy.engine.make_url`
 * @example
 * ```ts
 * import { makeUrl } from "@offloop/orm-async"
 *
 * makeUrl("postgresql://ann:secret@db.example:5433/app?connect_timeout=5").port // 5433
 * ```
 */
export const makeUrl = (url: string | Url): Url => (url instanceof Url ? url : Url.create(parseUrl(url)))
