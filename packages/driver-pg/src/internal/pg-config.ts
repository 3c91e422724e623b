/** The use of TLS, by libpq's names. */
export type SslMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full"

/** The settings of one connection, as they cross to the thread that opens it. */
export interface PgConfig {
  /** A host's name or address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly ssl: {
    readonly mode: SslMode
    /** Files in PEM format. */
    readonly rootCertificate: string | undefined
    readonly certificate: string | undefined
    readonly key: string | undefined
  }
  /** The time that opening a connection may take, in milliseconds. */
  readonly connectTimeout: number
  /** The time that closing a connection in order may take, in milliseconds. */
  readonly closeTimeout: number
  /** The time in which the server must answer a ping, in milliseconds. 0 sets no limit; so with those that follow. */
  readonly pingTimeout: number
  /** The time that a rollback or a reset may take, in milliseconds. */
  readonly resetTimeout: number
  /** The time that a COMMIT may take, in milliseconds. */
  readonly commitTimeout: number
  /** The time in which a cancelled statement must stop, in milliseconds. */
  readonly cancelTimeout: number
  /** Keeps statements prepared on the server; a pooler in transaction mode forbids it. */
  readonly prepare: boolean
  /** The number of statements that are kept prepared for each connection; others are parsed each time. */
  readonly statementCacheSize: number
  /** The number of statements of a batch that are on their way at once. */
  readonly maxPipeline: number
  /** Seconds between TCP keep-alive probes, 0 for none. */
  readonly keepAlive: number
  /** Settings that the session starts with: `application_name`, `statement_timeout`, … */
  readonly session: Readonly<Record<string, string>>
}

/** Where the server is, as messages name it. */
export const addressOf = (config: Pick<PgConfig, "host" | "port">): string =>
  isSocketFolder(config.host) ? socketPath(config) : `${config.host}:${config.port}`

export const isSocketFolder = (host: string): boolean => host.startsWith("/")

/** A server's Unix socket in its folder. */
export const socketPath = ({ host, port }: Pick<PgConfig, "host" | "port">): string => `${host}/.s.PGSQL.${port}`
