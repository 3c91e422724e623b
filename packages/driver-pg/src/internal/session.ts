import type { Socket } from "node:net"
import type { BoundParameter } from "./bind-parameters.ts"
import { type CancelKey, requestCancel } from "./cancel-request.ts"
import { readFarewell } from "./farewell.ts"
import { forgetClient, rememberClient } from "./open-clients.ts"
import { connectDeadline, openSocket } from "./open-socket.ts"
import type { PgConfig } from "./pg-config.ts"
import { postgresTypes } from "./pg-types.ts"
import { makeClient, type PostgresClient, type StatementResult } from "./postgres-js.ts"
import { PreparedTexts } from "./prepared-texts.ts"
import { SessionState } from "./session-state.ts"

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code })

/** A remark of the server: a warning, or what RAISE NOTICE said. */
export type Notice = Readonly<Record<string, string>>

/**
 * One session of a server: sends statements and knows what they have left behind.
 *
 * It is one connection and never another: postgres.js would connect anew after a loss, in the middle of a transaction
 * if need be, but is given one socket and no second.
 */
export class Session {
  readonly state = new SessionState()
  readonly #config: PgConfig
  readonly #client: PostgresClient
  readonly #prepared: PreparedTexts
  #socket: Socket | undefined
  #lastChunk: Uint8Array = new Uint8Array()
  #lost: Error | undefined
  #cancelKey: CancelKey | undefined
  #bigints = false
  #notices: Array<Notice> = []

  constructor(config: PgConfig) {
    this.#config = config
    this.#prepared = new PreparedTexts(config.prepare ? config.statementCacheSize : 0)
    this.#client = makeClient({
      host: config.host,
      port: config.port,
      user: config.user,
      pass: config.password,
      database: config.database,
      connection: config.session,
      types: postgresTypes(() => this.#bigints),
      connect_timeout: config.connectTimeout / 1_000,
      keep_alive: config.keepAlive,
      max: 1,
      max_pipeline: config.maxPipeline,
      prepare: true,
      ssl: false,
      fetch_types: false,
      idle_timeout: null,
      max_lifetime: null,
      debug: false,
      socket: () => this.#onlySocket(),
      onnotice: (notice) => this.#notices.push(notice),
    })
  }

  /** Connects and authenticates. */
  async open(): Promise<void> {
    const { state } = await this.send("SELECT 1", [], [])
    this.#cancelKey = { pid: state.pid, secret: state.secret }
    rememberClient(this.#config.id, this.#client)
    this.rest()
  }

  /** A call begins: the connection keeps the program alive until it {@link rest}s. */
  work(bigints: boolean): void {
    if (this.#lost !== undefined) throw this.#lost
    this.#bigints = bigints
    this.#socket?.ref()
  }

  /** The call has ended: an idle connection does not keep the program alive. */
  rest(): void {
    this.#socket?.unref()
  }

  /** Sends a statement, behind what was sent before, without waiting for that. Its rows are appended to `cells`. */
  async send(sql: string, parameters: ReadonlyArray<BoundParameter>, cells: Array<unknown>): Promise<StatementResult> {
    const values = parameters.map(({ value, type }) =>
      value === null || type === 0 ? value : this.#client.typed(value, type),
    )
    try {
      const prepared = this.#prepared.textOf(sql)
      const options = { prepare: prepared !== undefined, simple: false }
      const result = await this.#client
        .unsafe(prepared ?? sql, values, options)
        .values()
        .forEach((row) => {
          for (const value of row) cells.push(value)
        })
      this.state.ran(sql, result.command)
      this.#prepared.ran(result.command)
      return result
    } catch (error) {
      // A statement that was on its way tells only that the connection closed; the first to know told why.
      throw this.#lost ?? error
    }
  }

  /** Asks the server to stop the statement that runs now. */
  async cancel(): Promise<void> {
    if (this.#cancelKey !== undefined) await requestCancel(this.#config, this.#cancelKey)
  }

  /** What the server remarked since this was last asked. */
  takeNotices(): ReadonlyArray<Notice> {
    if (this.#notices.length === 0) return this.#notices
    const notices = this.#notices
    this.#notices = []
    return notices
  }

  /** Says goodbye to the server, which has a limited time for its answer. */
  async close(): Promise<void> {
    this.#socket?.ref()
    await this.#client.end({ timeout: this.#config.closeTimeout / 1_000 })
    this.destroy()
  }

  /** Drops the connection. What is running fails. */
  destroy(): void {
    forgetClient(this.#config.id)
    this.#lose(failure("CONNECTION_DESTROYED", "the connection was terminated"))
    this.#socket?.destroy()
  }

  async #onlySocket(): Promise<Socket> {
    if (this.#lost !== undefined) throw this.#lost
    const socket = await openSocket(this.#config, connectDeadline(this.#config))
    if (this.#lost !== undefined) {
      socket.destroy()
      throw this.#lost
    }
    this.#socket = socket
    socket.on("data", (chunk: Uint8Array) => {
      this.#lastChunk = chunk
    })
    // Before postgres.js hears of it: a statement that it is given between an error and the close would wait for ever.
    socket.on("error", (error) => this.#lose(error))
    socket.on("close", () => this.#lose(failure("CONNECTION_CLOSED", "the server closed the connection")))
    return socket
  }

  /** The connection is gone, for the reason that the server gave if it gave one. */
  #lose(error: Error): void {
    this.#lost ??= readFarewell(this.#lastChunk) ?? error
  }
}
