import { ArgumentError } from "../errors/index.ts"

/** The parts of a database URL, decoded. */
export interface UrlParts {
  readonly drivername: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly query?: Readonly<Record<string, string | ReadonlyArray<string>>> | undefined
}

const form = "the form is dialect+driver://user:password@host:port/database?option=value, such as sqlite:///app.db"

const wrong = (what: string): ArgumentError =>
  new ArgumentError({ message: `Could not read the database URL: ${what}; ${form}` })

const decode = (text: string, part: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong(`the ${part} has a "%" that does not begin a percent-coded character (a literal "%" is written %25)`)
  }
}

/** Options as they stand after `?`. A name without `=` has the value "". */
export const parseQuery = (text: string): Record<string, string | ReadonlyArray<string>> => {
  const query: Record<string, string | ReadonlyArray<string>> = {}
  for (const pair of text.split("&")) {
    if (pair === "") continue
    const equals = pair.indexOf("=")
    const plain = (part: string) => decode(part.replaceAll("+", " "), "query")
    const name = plain(equals < 0 ? pair : pair.slice(0, equals))
    if (name === "") throw wrong('the query has an option without a name (write "?name=value")')
    const value = equals < 0 ? "" : plain(pair.slice(equals + 1))
    const before = Object.hasOwn(query, name) ? query[name] : undefined
    // defineProperty, because an option may be called "__proto__"
    Object.defineProperty(query, name, {
      value: before === undefined ? value : [before, value].flat(),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return query
}

const parsePort = (text: string): number | undefined => {
  if (text === "") return undefined
  const port = Number(text)
  // The text is not shown: with an unescaped "/" in the password, it is the password's beginning.
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw wrong(
      'the port is not a number from 0 to 65535 (if the password contains "/", "?" or "#", write them %2F, %3F, %23)',
    )
  }
  return port
}

/** Tells if text can stand in brackets as an IPv6 address, zone included; the network decides whether it is one. */
export const isIpv6 = (text: string): boolean => /^[\da-f.]*(?::[\da-f.]*){2,}(?:%[\w.-]+)?$/i.test(text)

const parseHost = (text: string): Pick<UrlParts, "host" | "port"> => {
  if (text.startsWith("[")) {
    const end = text.indexOf("]")
    const address = text.slice(1, end)
    const rest = text.slice(end + 1)
    if (end < 0 || !isIpv6(address) || !(rest === "" || rest.startsWith(":"))) {
      throw wrong("the host is not an IPv6 address in brackets, such as [::1] or [::1]:5432")
    }
    return { host: address, port: parsePort(rest.slice(1)) }
  }
  const colon = text.indexOf(":")
  const host = colon < 0 ? text : text.slice(0, colon)
  const port = colon < 0 ? "" : text.slice(colon + 1)
  if (port.includes(":")) {
    throw wrong('there is more than one ":" in the host (an IPv6 address is written in brackets, such as [::1]:5432)')
  }
  if (/[\s\][]/.test(host)) throw wrong("the host has a space or a bracket in it")
  return { host: host === "" ? undefined : host, port: parsePort(port) }
}

const parseUser = (text: string): Pick<UrlParts, "username" | "password"> => {
  const colon = text.indexOf(":")
  return colon < 0
    ? { username: decode(text, "user") }
    : { username: decode(text.slice(0, colon), "user"), password: decode(text.slice(colon + 1), "password") }
}

/** Text before the first of the delimiters, and the rest with its delimiter. */
const cut = (text: string, delimiters: RegExp): readonly [string, string] => {
  const at = text.search(delimiters)
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)]
}

/**
 * @throws {ArgumentError} saying which part is wrong, without showing the URL, which may hold a password
 */
export const parseUrl = (text: string): UrlParts => {
  if (typeof text !== "string") throw wrong(`it is not a string but ${text === null ? "null" : typeof text}`)
  const scheme = text.indexOf("://")
  if (scheme < 0) throw wrong('there is no "://" (a file name alone is not a URL: app.db is written sqlite:///app.db)')
  const drivername = text.slice(0, scheme)
  if (!/^[A-Za-z][\w.-]*(\+[\w.-]+)?$/.test(drivername)) {
    throw wrong('what stands before "://" is not "dialect" or "dialect+driver"')
  }
  const [authority, path] = cut(text.slice(scheme + 3), /[/?]/)
  const at = authority.lastIndexOf("@")
  if (at !== authority.indexOf("@")) {
    throw wrong('there is more than one "@" before the host (in a user or password it is written %40)')
  }
  const [database, query] = cut(path, /\?/)
  return {
    drivername,
    ...(at < 0 ? undefined : parseUser(authority.slice(0, at))),
    ...parseHost(authority.slice(at + 1)),
    database: database === "" ? undefined : decode(database.slice(1), "database"),
    query: parseQuery(query.slice(1)),
  }
}

const encode = (text: string): string => encodeURIComponent(text)

// A path stays readable: these have no meaning inside a URL's path as `parseUrl` reads it.
const encodeDatabase = (text: string): string => encode(text).replaceAll("%2F", "/").replaceAll("%3A", ":")

/** The text that `parseUrl` reads back to the same parts, unless the password is hidden. */
export const renderUrl = (url: UrlParts, hidePassword: boolean): string => {
  let text = `${url.drivername}://`
  if (url.username !== undefined) {
    text += encode(url.username)
    if (url.password !== undefined) text += hidePassword ? ":***" : `:${encode(url.password)}`
    text += "@"
  }
  if (url.host !== undefined) text += url.host.includes(":") ? `[${url.host}]` : url.host
  if (url.port !== undefined) text += `:${url.port}`
  if (url.database !== undefined) text += `/${encodeDatabase(url.database)}`
  const options = Object.entries(url.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encode(name)}=${encode(one)}`),
  )
  return options.length === 0 ? text : `${text}?${options.join("&")}`
}
