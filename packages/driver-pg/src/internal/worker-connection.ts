import type {
  DriverCursor,
  DriverDone,
  DriverError,
  DriverNotice,
  DriverResult,
  DriverUnitCall,
} from "@offloop/orm-async/driver"
import { NumberTable } from "./number-table.ts"
import type { PgConfig } from "./pg-config.ts"
import { PgDriverConnection } from "./pg-driver-connection.ts"
import {
  type ConnectionState,
  type CrossingCall,
  type CrossingError,
  type CrossingResult,
  type CrossingSql,
  numberedTexts,
  type WorkerAnswer,
} from "./worker-answer.ts"

type Values = ReadonlyArray<unknown>
type Prelude = ReadonlyArray<string>

const nothing: Prelude = []

/** A connection in a worker, as a resident: its calls are promises, and each answer says what state it has left. */
export class WorkerConnection {
  readonly #connection: PgDriverConnection
  readonly #texts: Array<string> = []
  readonly #names = new NumberTable<ReadonlyArray<string>>(numberedTexts)
  readonly #cursors = new Map<number, DriverCursor>()
  #lastCursor = 0
  #notices: Array<DriverNotice> | undefined
  #underWay = 0
  #isClosing = false

  /** @param onIdleLoss is told that the connection is lost, if no answer is under way that tells it */
  constructor(config: PgConfig, onIdleLoss: () => void) {
    this.#connection = new PgDriverConnection(config, {
      onNotice: (notice) => {
        this.#notices ??= []
        this.#notices.push(notice)
      },
      onLost: () => {
        if (this.#underWay === 0 && !this.#isClosing) onIdleLoss()
      },
    })
  }

  open(): Promise<void> {
    return this.#connection.open()
  }

  execute(
    sql: CrossingSql,
    parameters: Values,
    prelude: Prelude,
    isWrite: boolean | undefined,
    bigints: boolean,
  ): Promise<WorkerAnswer<CrossingResult>> {
    const call = { sql: this.#textOf(sql), parameters, prelude, isWrite, bigints }
    return this.#answer<DriverResult, CrossingResult>(
      (done) => this.#connection.execute(call, done),
      (result) => this.#crossing(result),
    )
  }

  executeMany(
    sql: CrossingSql,
    parameterSets: ReadonlyArray<Values>,
    prelude: Prelude,
    isWrite: boolean | undefined,
    bigints: boolean,
  ): Promise<WorkerAnswer<CrossingResult>> {
    const call = { sql: this.#textOf(sql), parameterSets, prelude, isWrite, bigints }
    return this.#answer<DriverResult, CrossingResult>(
      (done) => this.#connection.executeMany(call, done),
      (result) => this.#crossing(result),
    )
  }

  executeUnit(begin: string, calls: ReadonlyArray<CrossingCall>): Promise<WorkerAnswer<ReadonlyArray<CrossingResult>>> {
    const unit = { begin, calls: calls.map((call) => ({ ...call, sql: this.#textOf(call.sql), prelude: nothing })) }
    return this.#answer<ReadonlyArray<DriverResult>, ReadonlyArray<CrossingResult>>(
      (done) => this.#connection.executeUnit(unit as { begin: string; calls: ReadonlyArray<DriverUnitCall> }, done),
      (results) => results.map((result) => this.#crossing(result)),
    )
  }

  openCursor(
    sql: CrossingSql,
    parameters: Values,
    prelude: Prelude,
    isWrite: boolean | undefined,
    bigints: boolean,
  ): Promise<WorkerAnswer<readonly [id: number, columns: ReadonlyArray<string>]>> {
    const call = { sql: this.#textOf(sql), parameters, prelude, isWrite, bigints }
    return this.#answer<DriverCursor, readonly [number, ReadonlyArray<string>]>(
      (done) => this.#connection.openCursor(call, done),
      (cursor) => {
        const id = ++this.#lastCursor
        this.#cursors.set(id, cursor)
        return [id, cursor.columns]
      },
    )
  }

  fetch(cursor: number, size: number): Promise<WorkerAnswer<ReadonlyArray<unknown>>> {
    return this.#same((done) => (this.#cursors.get(cursor) as DriverCursor).fetch(size, done))
  }

  closeCursor(cursor: number): Promise<WorkerAnswer<void>> {
    return this.#same((done) => {
      const found = this.#cursors.get(cursor) as DriverCursor
      this.#cursors.delete(cursor)
      found.close(done)
    })
  }

  commit(): Promise<WorkerAnswer<void>> {
    return this.#same((done) => this.#connection.commit(done))
  }

  rollback(): Promise<WorkerAnswer<void>> {
    return this.#same((done) => this.#connection.rollback(done))
  }

  reset(): Promise<WorkerAnswer<void>> {
    return this.#same((done) => this.#connection.reset(done))
  }

  ping(): Promise<WorkerAnswer<void>> {
    return this.#same((done) => this.#connection.ping(done))
  }

  cancel(): void {
    this.#connection.cancel()
  }

  close(): Promise<void> {
    this.#isClosing = true
    return new Promise((resolve) => this.#connection.close(resolve))
  }

  get #state(): ConnectionState {
    const { transaction, sessionChanged, isOpen } = this.#connection
    return { transaction, sessionChanged, isOpen }
  }

  #same<A>(make: (done: DriverDone<A>) => void): Promise<WorkerAnswer<A>> {
    return this.#answer<A, A>(make, (value) => value)
  }

  #answer<A, B>(make: (done: DriverDone<A>) => void, crossing: (value: A) => B): Promise<WorkerAnswer<B>> {
    this.#underWay++
    return new Promise((resolve) => {
      make((outcome) => {
        // Not before the answer is on its way: it tells as well that the connection is lost.
        setImmediate(() => this.#underWay--)
        const notices = this.#notices
        this.#notices = undefined
        if (outcome.ok) resolve([this.#state, notices, undefined, crossing(outcome.value)])
        else resolve([this.#state, notices, crossingError(outcome.error)])
      })
    })
  }

  #textOf([number, text]: CrossingSql): string {
    if (text !== undefined) this.#texts[number] = text
    return this.#texts[number] as string
  }

  #crossing({ columns, cells, rowCount }: DriverResult): CrossingResult {
    const known = this.#names.get(columns)
    return known === undefined
      ? [this.#names.add(columns), columns, cells, rowCount]
      : [known, undefined, cells, rowCount]
  }
}

/** All fields of an error; message and cause are not among those that can be listed. */
const crossingError = (error: DriverError): CrossingError => ({ ...error, message: error.message, cause: error.cause })
