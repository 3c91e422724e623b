import {
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  DriverError,
  type DriverNotice,
  type DriverResult,
  type DriverUnit,
  failure,
  succeeded,
} from "@offloop/orm-async/driver"
import type { CallError, CallExit, ResidentHandle } from "@offloop/runtime/callback"
import { interfaceError, toDriverError } from "./driver-failure.ts"
import { NumberTable } from "./number-table.ts"
import type { PgConfig } from "./pg-config.ts"
import {
  type ConnectionState,
  type CrossingResult,
  type CrossingSql,
  numberedTexts,
  type WorkerAnswer,
} from "./worker-answer.ts"
import type { WorkerConnection } from "./worker-connection.ts"

const second = 1_000

/** `args[1][2]` is the third parameter, `args[1][0][2]` the third of the first set. */
const parameterOf = (path: string): string => {
  const indexes = /^args\[1\]((?:\[\d+\]|\.\w+)+)/.exec(path)?.[1]?.match(/\d+/g)
  return indexes === undefined || indexes === null ? path : `Parameter ${Number(indexes.at(-1)) + 1}`
}

const lost = Object.assign(new Error("the server closed the connection"), { code: "CONNECTION_CLOSED" })

const callError = (error: CallError, config: PgConfig): DriverError => {
  switch (error._tag) {
    case "UnsendableError":
      return interfaceError(`${parameterOf(error.path)} is no value for PostgreSQL. ${error.message}`, error, false)
    case "WorkerCrashedError":
      // A thread that nothing has crashed has ended because its connection was lost.
      return error.cause === undefined ? toDriverError(lost, config) : interfaceError(error.message, error, true)
    case "ResidentClosedError":
      return interfaceError(error.message, error, true)
    default:
      return interfaceError(error.message, error, false)
  }
}

type Make<A> = (onExit: (exit: CallExit<WorkerAnswer<A>>) => void) => void

/** A connection in a worker, as the loop's thread sees it. */
export class RemoteConnection implements DriverConnection {
  readonly pipelineDepth = 32
  readonly answersAtOnce = false
  readonly driverConnection = undefined
  readonly #remote: ResidentHandle<WorkerConnection>
  readonly #config: PgConfig
  readonly #onNotice: ((notice: DriverNotice) => void) | undefined
  readonly #texts = new NumberTable<string>(numberedTexts)
  readonly #names: Array<ReadonlyArray<string>> = []
  #isClosing = false
  #state: ConnectionState = { transaction: "none", sessionChanged: false, isOpen: true }
  /** The calls under way, to be failed at once when the connection is terminated. */
  readonly #underWay = new Set<(error: DriverError) => void>()

  constructor(
    remote: ResidentHandle<WorkerConnection>,
    config: PgConfig,
    onNotice: ((notice: DriverNotice) => void) | undefined,
  ) {
    this.#remote = remote
    this.#config = config
    this.#onNotice = onNotice
    // Before it, the calls under way are told why.
    remote.onEnd(() => this.#lose())
  }

  get transaction(): ConnectionState["transaction"] {
    return this.#isClosing ? "unknown" : this.#state.transaction
  }

  get sessionChanged(): boolean {
    return this.#state.sessionChanged
  }

  get isOpen(): boolean {
    return this.#state.isOpen && !this.#isClosing
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    const { parameters, prelude, isWrite, bigints } = call
    const sql = this.#crossing(call.sql)
    this.#call<CrossingResult, DriverResult>(
      (onExit) => this.#remote.call("execute", [sql, parameters, prelude, isWrite, bigints], onExit),
      (result) => this.#result(result),
      done,
    )
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    const { parameterSets, prelude, isWrite, bigints } = call
    const sql = this.#crossing(call.sql)
    this.#call<CrossingResult, DriverResult>(
      (onExit) => this.#remote.call("executeMany", [sql, parameterSets, prelude, isWrite, bigints], onExit),
      (result) => this.#result(result),
      done,
    )
  }

  executeUnit(unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    const calls = unit.calls.map(({ isWrite, bigints, expectedRowCount, sql, ...values }) => ({
      sql: this.#crossing(sql),
      isWrite,
      bigints,
      expectedRowCount,
      ...("parameters" in values ? { parameters: values.parameters } : { parameterSets: values.parameterSets }),
    }))
    this.#call<ReadonlyArray<CrossingResult>, ReadonlyArray<DriverResult>>(
      (onExit) => this.#remote.call("executeUnit", [unit.begin, calls], onExit),
      (results) => results.map((result) => this.#result(result)),
      done,
    )
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    const { parameters, prelude, isWrite, bigints } = call
    const sql = this.#crossing(call.sql)
    this.#call<readonly [number, ReadonlyArray<string>], DriverCursor>(
      (onExit) => this.#remote.call("openCursor", [sql, parameters, prelude, isWrite, bigints], onExit),
      ([id, columns]) => this.#cursor(id, columns),
      done,
    )
  }

  commit(done: DriverDone<void>): void {
    this.#same((onExit) => this.#remote.call("commit", [], onExit), done)
  }

  rollback(done: DriverDone<void>): void {
    this.#same((onExit) => this.#remote.call("rollback", [], onExit), done)
  }

  reset(done: DriverDone<void>): void {
    this.#same((onExit) => this.#remote.call("reset", [], onExit), done)
  }

  /** Calls start in the worker in order, and the connection there sends them behind the reset or holds them back. */
  resetAhead(done: DriverDone<void>): void {
    this.reset(done)
  }

  ping(done: DriverDone<void>): void {
    this.#same((onExit) => this.#remote.call("ping", [], onExit), done)
  }

  cancel(): void {
    this.#remote.call("cancel", [], () => {})
  }

  close(done: () => void): void {
    this.#isClosing = true
    // The thread answers after the server has, or has had its time; one that is stuck ends without an answer.
    const timer = setTimeout(() => this.terminate(), this.#config.closeTimeout + second)
    this.#remote.close(() => {
      clearTimeout(timer)
      done()
    })
  }

  terminate(): void {
    this.#lose()
    this.#remote.terminate()
  }

  #cursor(id: number, columns: ReadonlyArray<string>): DriverCursor {
    let isClosed = false
    return {
      columns,
      fetch: (size, done) => this.#same((onExit) => this.#remote.call("fetch", [id, size], onExit), done),
      close: (done) => {
        if (isClosed) return done(succeeded)
        isClosed = true
        this.#same((onExit) => this.#remote.call("closeCursor", [id], onExit), done)
      },
    }
  }

  #same<A>(make: Make<A>, done: DriverDone<A>): void {
    this.#call<A, A>(make, (value) => value, done)
  }

  #call<A, B>(make: Make<A>, convert: (value: A) => B, done: DriverDone<B>): void {
    if (!this.isOpen) return done(failure(this.#gone()))
    const fail = (error: DriverError): void => {
      this.#underWay.delete(fail)
      done(failure(error))
    }
    this.#underWay.add(fail)
    make((exit) => {
      if (!this.#underWay.delete(fail)) return
      if (!exit.ok) {
        // Nobody knows which texts have arrived.
        this.#texts.clear()
        return done(failure(callError(exit.error, this.#config)))
      }
      const [state, notices, error] = exit.value
      this.#state = state
      if (notices !== undefined && this.#onNotice !== undefined) for (const notice of notices) this.#onNotice(notice)
      if (error !== undefined) return done(failure(new DriverError(error)))
      done({ ok: true, value: convert((exit.value as unknown as readonly [unknown, unknown, unknown, A])[3]) })
    })
  }

  #lose(): void {
    this.#state = { ...this.#state, transaction: "unknown", isOpen: false }
    for (const fail of [...this.#underWay]) fail(this.#gone())
  }

  /** One that has ended by itself was lost: an error of the server's side, and not of how it is used. */
  #gone(): DriverError {
    return this.#isClosing ? gone() : toDriverError(lost, this.#config)
  }

  #crossing(sql: string): CrossingSql {
    const known = this.#texts.get(sql)
    return known === undefined ? [this.#texts.add(sql), sql] : [known, undefined]
  }

  #result([number, names, cells, rowCount]: CrossingResult): DriverResult {
    if (names !== undefined) this.#names[number] = names
    return { columns: this.#names[number] as ReadonlyArray<string>, cells, rowCount }
  }
}

const gone = (): DriverError => interfaceError("the connection has ended", undefined, true)
