import type { DriverNotice } from "@offloop/orm-async/driver"
import { type CancelKey, requestCancel } from "./cancel-request.ts"
import { readFatalError } from "./fatal-error-response.ts"
import type { MessageWriter } from "./message-writer.ts"
import { openSocket } from "./open-socket.ts"
import type { PgConfig } from "./pg-config.ts"
import { postgresTypes } from "./pg-types.ts"
import { makeClient, type PostgresClient, type PostgresConnection } from "./postgres-js.ts"
import type { PreparedStatement } from "./prepared-statements.ts"
import { prepareSaslPassword } from "./sasl-password.ts"
import type { CopyStream, RequestOwner, ServerRequest } from "./server-request.ts"
import { ServerSocket, type SocketOwner } from "./server-socket.ts"

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code })

/** The events that a session tells its connection. */
export interface SessionOwner {
  /** A setting that the server reports has another value. */
  settingChanged(): void
  noticed(notice: DriverNotice): void
  /** The program has sent something by the client of postgres.js itself. */
  usedByProgram(): void
  /** The session is over. Told once, after everything that was under way has failed. */
  lost(): void
}

/**
 * One session of a server: sends requests, in order, and tells each its answer.
 *
 * It is one connection and never another: postgres.js would connect anew after a loss, in the middle of a transaction
 * if need be, but is given one socket and no second.
 */
export class ServerSession implements RequestOwner, SocketOwner {
  readonly client: PostgresClient
  readonly #config: PgConfig
  readonly #owner: SessionOwner
  #connection: PostgresConnection | undefined
  #socket: ServerSocket | undefined
  #hasSocket = false
  #lost: Error | undefined
  #cancelKey: CancelKey | undefined
  #saslPassword = ""
  #bigints = false
  #isOpen = false
  readonly #aborted = new AbortController()
  /** The requests that were sent and not answered, in order, from {@link #first} on. */
  #sent: Array<ServerRequest | undefined> = []
  #first = 0

  constructor(config: PgConfig, owner: SessionOwner) {
    this.#config = config
    this.#owner = owner
    this.client = makeClient({
      host: config.host,
      port: config.port,
      user: config.user,
      pass: () => (this.#socket?.asksSasl ? this.#saslPassword : config.password),
      database: config.database,
      connection: config.session,
      types: postgresTypes(() => this.#bigints),
      connect_timeout: 0,
      keep_alive: config.keepAlive,
      max: 1,
      max_pipeline: Number.MAX_SAFE_INTEGER,
      prepare: true,
      ssl: false,
      fetch_types: false,
      idle_timeout: null,
      max_lifetime: null,
      debug: false,
      socket: () => this.#onlySocket(),
      onnotice: ({ severity = "NOTICE", message = "", code }) => owner.noticed({ severity, message, code }),
      onparameter: () => {
        if (this.#isOpen) owner.settingChanged()
      },
    })
  }

  /** Connects and authenticates. Fails when that takes longer than the connect timeout. */
  async open(): Promise<void> {
    const { connectTimeout } = this.#config
    const late = (): void => this.destroy(failure("CONNECT_TIMEOUT", "the server did not answer in time"))
    const timer = connectTimeout === 0 ? undefined : setTimeout(late, connectTimeout)
    try {
      this.#saslPassword = await prepareSaslPassword(this.#config.password)
      const onexecute = (connection: PostgresConnection): boolean => {
        this.#connection = connection
        return true
      }
      const { state } = await this.client.unsafe("SELECT 1", [], { prepare: false, simple: true, onexecute })
      this.#cancelKey = { pid: state.pid, secret: state.secret }
    } catch (error) {
      const reason = this.#lost ?? error
      this.destroy()
      throw reason
    } finally {
      clearTimeout(timer)
    }
    if (this.#lost !== undefined) throw this.#lost
    this.#isOpen = true
    this.#socket?.unref()
  }

  /** Why the session is over; undefined while it is not. */
  get lostBecause(): Error | undefined {
    return this.#lost
  }

  /** The transaction's status as of the last answer: `I`, `T` or `E` as a character code. */
  get status(): number {
    return this.#socket?.status ?? 0
  }

  /** Where the messages of the next request are written. */
  get writer(): MessageWriter {
    return (this.#socket as ServerSocket).writer
  }

  /** The number of requests that were sent and not answered. */
  get underWay(): number {
    return this.#sent.length - this.#first
  }

  /** Tells when nothing is under way. */
  onceIdle(listener: () => void): void {
    const { oldest } = this
    const newest = this.#sent.at(-1)
    if (oldest === undefined || newest === undefined) listener()
    else newest.onceOver(() => this.onceIdle(listener))
  }

  /** The request that the server answers next. */
  get oldest(): ServerRequest | undefined {
    return this.#sent[this.#first]
  }

  /** Sends a request whose messages have been written. */
  send(request: ServerRequest, statement: PreparedStatement, parameters: ReadonlyArray<unknown>): void {
    const socket = this.#socket as ServerSocket
    // An idle connection does not keep the program alive; one that is waited for does.
    if (this.underWay === 0) socket.ref()
    this.#sent.push(request)
    socket.commit()
    this.#connection?.execute(request)
    request.sent(statement, parameters)
  }

  begins(request: ServerRequest): void {
    const socket = this.#socket as ServerSocket
    socket.current = request
    this.#bigints = request.bigints
  }

  ends(request: ServerRequest): void {
    this.#sent[this.#first++] = undefined
    if (this.#first === this.#sent.length) {
      this.#sent.length = 0
      this.#first = 0
      this.#socket?.unref()
    }
    try {
      request.finish()
    } catch (error) {
      // The rest of what has arrived must still be read.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  /** A COPY is refused: the server is told that no data come, and data that it sends are dropped. */
  refuseCopyData(stream: CopyStream): void {
    const refusal = Object.assign(
      new Error(
        "COPY FROM STDIN and COPY TO STDOUT need a stream, which a statement has not; insert rows with several sets of " +
          "parameters, read them with a stream, or use COPY with a file on the server",
      ),
      { code: "0A000" },
    )
    this.oldest?.reject(refusal)
    stream.on("error", () => {})
    if (stream.resume !== undefined) {
      stream.resume()
      return
    }
    stream.destroy(refusal)
    // The server has ignored the Sync that was sent with the statement, because it was waiting for data.
    this.#socket?.writeRaw(Uint8Array.of(83, 0, 0, 0, 4))
  }

  foreignAnswer(): void {
    if (this.#isOpen) this.#owner.usedByProgram()
  }

  /**
   * Asks the server to stop the statement that runs now.
   *
   * @param done is told when that cannot hit a later one, also where the server could not be asked
   */
  cancel(done: () => void): void {
    if (this.#cancelKey === undefined || this.#lost !== undefined) return done()
    requestCancel(this.#config, this.#cancelKey).then(
      () => done(),
      () => done(),
    )
  }

  /** Says goodbye to the server, which has a limited time for its answer; `done` is told when the socket is closed. */
  close(done: () => void): void {
    const socket = this.#socket
    if (socket === undefined || this.#lost !== undefined) return done()
    const timer = setTimeout(() => socket.destroy(), this.#config.closeTimeout)
    socket.onceClosed(() => {
      clearTimeout(timer)
      done()
    })
    socket.ref()
    this.#lose(failure("CONNECTION_ENDED", "the connection was closed"))
    socket.end(Uint8Array.of(88, 0, 0, 0, 4))
  }

  /** Drops the connection. What is under way fails. */
  destroy(reason: Error = failure("CONNECTION_DESTROYED", "the connection was terminated")): void {
    this.#lose(reason)
    this.#aborted.abort()
    this.#socket?.destroy()
  }

  lost(error: Error | undefined): void {
    const reason = this.#socket?.lastError
    this.#lose(
      (reason && readFatalError(reason)) ?? error ?? failure("CONNECTION_CLOSED", "the server closed the connection"),
    )
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined) return
    this.#lost = error
    const sent = this.#sent.slice(this.#first)
    this.#sent = []
    this.#first = 0
    for (const request of sent) {
      request?.reject(error)
      request?.finish()
    }
    this.#owner.lost()
  }

  async #onlySocket(): Promise<ServerSocket> {
    if (this.#lost !== undefined) throw this.#lost
    if (this.#hasSocket) throw failure("CONNECTION_CLOSED", "a connection to PostgreSQL is never opened a second time")
    this.#hasSocket = true
    const socket = new ServerSocket(await openSocket(this.#config, this.#aborted.signal), this)
    if (this.#lost !== undefined) {
      socket.destroy()
      throw this.#lost
    }
    this.#socket = socket
    return socket
  }
}
