import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import { sqliteDialect } from "../../src/dialect/index.ts"
import type {
  ConnectAttempt,
  Driver,
  DriverBatchCall,
  DriverCall,
  DriverConnection,
  DriverCursor,
  DriverDone,
  DriverResult,
  DriverUnit,
  TransactionState,
} from "../../src/driver/driver.ts"
import { DriverError } from "../../src/errors/driver-error.ts"

/** A failure of the given kind, as a driver reports it. */
export const driverError = (fields: Partial<DriverError> = {}): DriverError =>
  new DriverError({
    kind: "OperationalError",
    message: "scripted failure",
    code: undefined,
    constraint: undefined,
    isDisconnect: false,
    isRetryable: false,
    completedPrelude: 0,
    cause: undefined,
    ...fields,
  })

/** The failure of a lost connection, as after the server's end. */
export const disconnect = (): DriverError => driverError({ isDisconnect: true, message: "connection lost" })

/** Is told the failure that something ended with, if any. */
type Ended = (failure: DriverError | undefined) => void

/** Ends something that is under way, with a failure. */
type End = (failure: DriverError) => void

const afterTurns = (turns: number, run: () => void): void => {
  if (turns === 0) run()
  else queueMicrotask(() => afterTurns(turns - 1, run))
}

/**
 * A database that does what a test tells it, for failures that a real one gives too rarely: it writes down what it was
 * asked, fails and hangs on demand, and notes every breach of the driver contract by the engine.
 */
export class ScriptedDatabase {
  /** The steps that were asked for, as `<connection>:<step>`. */
  readonly log: Array<string> = []
  /** Breaches of the contract; must be empty. */
  readonly breaches: Array<string> = []
  readonly closed: Array<number> = []
  connections = 0
  /** Answers to SQL, `[columns, cells]`; others have no rows. */
  readonly answers = new Map<string, readonly [ReadonlyArray<string>, ReadonlyArray<unknown>]>()
  /** SQL that ends the transaction which it runs in, as a full disk does; whether it fails or not. */
  readonly ending = new Set<string>()
  /** The number of turns that a step lets pass before it answers; with 0 it answers before the call has returned. */
  delay: () => number = () => 0
  /** Connections opened from now on run units: one step, `unit <BEGIN>; <statements>; COMMIT`. */
  executesUnits = false
  /** Row counts of SQL that returns no rows; others change a row for each set of parameters. */
  readonly rowCounts = new Map<string, number>()
  /** Connections opened from now on take a call behind a reset that has not answered. */
  resetsAhead = false
  /** Is told of each step before it begins. */
  onStep: (what: string) => void = () => {}
  /** A call that is cancelled goes on as if nothing had happened, instead of failing. */
  ignoresCancel = false
  readonly #open = new Map<number, ScriptedConnection>()
  readonly #failures = new Map<string, Array<DriverError>>()
  readonly #gates = new Map<string, Gate>()

  /** The next time that this is asked for, it fails. */
  fail(what: string, error: DriverError = driverError()): void {
    this.#failures.set(what, [...(this.#failures.get(what) ?? []), error])
  }

  /** Takes back a failure that has not happened; true if there was one. */
  unfail(what: string): boolean {
    return this.#failures.get(what)?.shift() !== undefined
  }

  /** The next time that this is asked for, it hangs until the gate is opened. */
  hold(what: string): Gate {
    const gate = new Gate()
    this.#gates.set(what, gate)
    return gate
  }

  /** Ends a connection from the server's side. */
  drop(id: number): void {
    this.#open.get(id)?.drop()
  }

  /** The steps that were asked for since the last call of this. */
  taken(): ReadonlyArray<string> {
    return this.log.splice(0)
  }

  /** One step of one connection: written down, held up, failed. The result ends it at once. */
  step(id: number, what: string, ended: Ended): End {
    this.log.push(`${id}:${what}`)
    this.onStep(what)
    let over = false
    const end: Ended = (failure) => {
      if (over) return
      over = true
      ended(failure)
    }
    const gate = this.#gates.get(what)
    this.#gates.delete(what)
    const turns = this.delay()
    const begin = (): void =>
      afterTurns(turns, () => {
        if (!over) end(this.#failures.get(what)?.shift())
      })
    if (gate === undefined) begin()
    else gate.pass(begin)
    return end
  }

  readonly driver: Driver = {
    name: "scripted",
    dialect: sqliteDialect,
    capabilities: {
      placements: ["worker", "inline"],
      cancelsRunningStatement: false,
      concurrentWriters: true,
      streams: true,
      transactionalDdl: true,
      isolationLevels: ["SERIALIZABLE"],
    },
    poolDefaults: () => ({ poolSize: 2, maxOverflow: 1 }),
    connect: (_url, _options, done): ConnectAttempt => {
      const id = ++this.connections
      const end = this.step(id, "connect", (failure) => {
        if (failure === undefined) {
          const connection = new ScriptedConnection(this, id)
          this.#open.set(id, connection)
          return done({ ok: true, value: connection })
        }
        this.closed.push(id)
        done({ ok: false, error: failure })
      })
      return { cancel: () => end(driverError({ message: "the attempt was given up" })) }
    },
  }
}

/** The place at which a call hangs. */
export class Gate {
  readonly #reached = Deferred.unsafeMake<void>(FiberId.none)
  #isOpen = false
  #waiting: Array<() => void> = []

  /** Ends when a call hangs here. */
  readonly reached: Effect.Effect<void> = Deferred.await(this.#reached)
  /** Lets it go on. */
  readonly open: Effect.Effect<void> = Effect.sync(() => {
    this.#isOpen = true
    for (const run of this.#waiting.splice(0)) run()
  })

  /** Hangs. */
  pass(run: () => void): void {
    Deferred.unsafeDone(this.#reached, Effect.void)
    if (this.#isOpen) run()
    else this.#waiting.push(run)
  }
}

/** The call that is under way on a connection. */
interface Running {
  readonly end: End
  cancelled: boolean
}

class ScriptedConnection implements DriverConnection {
  readonly #database: ScriptedDatabase
  readonly #id: number
  #running: Running | undefined
  /** A statement was cancelled inside of a transaction, which must be rolled back first. */
  #interrupted = false
  #terminated = false
  #transaction: TransactionState = "none"
  #sessionChanged = false
  /** Calls that wait for the reset which is under way without being waited for. */
  #behindReset: Array<() => void> | undefined
  /** It has failed. */
  #unreset = false
  readonly pipelineDepth = 1
  readonly answersAtOnce = false
  declare readonly resetAhead?: (done: DriverDone<void>) => void
  declare readonly executeUnit?: (unit: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>) => void

  constructor(database: ScriptedDatabase, id: number) {
    this.#database = database
    this.#id = id
    if (database.resetsAhead) this.resetAhead = (done) => this.#resetAhead(done)
    if (database.executesUnits) this.executeUnit = (unit, done) => this.#executeUnit(unit, done)
  }

  get driverConnection(): number {
    return this.#id
  }

  get transaction(): TransactionState {
    return this.#transaction
  }

  get sessionChanged(): boolean {
    return this.#sessionChanged
  }

  get isOpen(): boolean {
    return !this.#terminated
  }

  execute({ sql, prelude }: DriverCall, done: DriverDone<DriverResult>): void {
    this.#statement(sql, prelude, done, () => this.#answer(sql, 1))
  }

  executeMany({ sql, prelude, parameterSets }: DriverBatchCall, done: DriverDone<DriverResult>): void {
    const { length } = parameterSets
    this.#statement(`${sql} x${length}`, prelude, done, () => this.#answer(sql, length))
  }

  openCursor({ sql, prelude }: DriverCall, done: DriverDone<DriverCursor>): void {
    this.#statement(`cursor ${sql}`, prelude, done, () => this.#cursor(sql))
  }

  commit(done: DriverDone<void>): void {
    this.#call("commit", false, done, () => {
      this.#transaction = "none"
    })
  }

  rollback(done: DriverDone<void>): void {
    this.#call("rollback", true, done, () => {
      this.#transaction = "none"
    })
  }

  reset(done: DriverDone<void>): void {
    this.#call("reset", true, done, () => this.#renew())
  }

  ping(done: DriverDone<void>): void {
    this.#call("ping", false, done, () => {})
  }

  cancel(): void {
    const running = this.#running
    if (running === undefined || running.cancelled) return
    running.cancelled = true
    if (!this.#database.ignoresCancel) {
      queueMicrotask(() => running.end(driverError({ message: "cancelled", code: "CANCELLED" })))
    }
  }

  drop(): void {
    this.#terminated = true
    this.#transaction = "none"
    this.#database.closed.push(this.#id)
    this.#running?.end(disconnect())
  }

  close(done: () => void): void {
    this.#end("close", done)
  }

  terminate(): void {
    this.#end("terminate", () => {})
  }

  #renew(): void {
    this.#transaction = "none"
    this.#sessionChanged = false
  }

  #executeUnit({ begin, calls }: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    if (this.#transaction !== "none") this.#database.breaches.push(`a unit inside of a transaction on ${this.#id}`)
    if (calls.some(({ prelude }) => prelude.length > 0)) this.#database.breaches.push("a prelude inside of a unit")
    const texts = calls.map((call) => ("parameters" in call ? call.sql : `${call.sql} x${call.parameterSets.length}`))
    const what = `unit ${[begin, ...texts, "COMMIT"].join("; ")}`
    this.#exclusively(what, false, [what], 0, (failure) => {
      if (failure !== undefined) return done({ ok: false, error: failure })
      const results = calls.map((call) => this.#answer(call.sql, "parameters" in call ? 1 : call.parameterSets.length))
      const stale = calls.findIndex(
        ({ expectedRowCount }, at) => expectedRowCount !== undefined && results[at]?.rowCount !== expectedRowCount,
      )
      if (stale < 0) return done({ ok: true, value: results })
      const rowCount = results[stale]?.rowCount
      done({ ok: false, error: driverError({ code: "OFFLOOP_ROW_COUNT", failedCall: stale, rowCount }) })
    })
  }

  #answer(sql: string, sets: number): DriverResult {
    const [columns, cells] = this.#database.answers.get(sql) ?? [[], []]
    const changed = this.#database.rowCounts.get(sql) ?? sets
    return { columns, cells, rowCount: columns.length === 0 ? changed : cells.length / columns.length }
  }

  #cursor(sql: string): DriverCursor {
    const { columns, cells } = this.#answer(sql, 1)
    let at = 0
    let open = true
    return {
      columns,
      fetch: (size, done) =>
        this.#call(`fetch ${size}`, false, done, () => {
          if (!open) this.#database.breaches.push(`fetch from a closed cursor on ${this.#id}`)
          const next = cells.slice(at, at + size * columns.length)
          at += next.length
          return next
        }),
      close: (done) =>
        this.#call("close cursor", false, done, () => {
          open = false
        }),
    }
  }

  #statement<A>(sql: string, prelude: ReadonlyArray<string>, done: DriverDone<A>, answer: () => A): void {
    this.#exclusively(sql, false, [...prelude, sql], prelude.length, (failure) =>
      done(failure === undefined ? { ok: true, value: answer() } : { ok: false, error: failure }),
    )
  }

  #call<A>(what: string, heals: boolean, done: DriverDone<A>, answer: () => A): void {
    this.#exclusively(what, heals, [what], 0, (failure) =>
      done(failure === undefined ? { ok: true, value: answer() } : { ok: false, error: failure }),
    )
  }

  /** Steps that have run change the transaction, even if the rest of their call fails. */
  #note(sql: string, failed: boolean): void {
    if (this.#database.ending.has(sql)) this.#transaction = "none"
    else if (failed) return
    else if (/^BEGIN/.test(sql)) {
      if (this.#transaction !== "none") this.#database.breaches.push(`BEGIN inside of a transaction on ${this.#id}`)
      this.#transaction = "open"
    } else if (/^(COMMIT|ROLLBACK)$/.test(sql)) this.#transaction = "none"
    else if (/^SET /.test(sql)) this.#sessionChanged = true
  }

  #resetAhead(done: DriverDone<void>): void {
    const { breaches } = this.#database
    if (this.#running !== undefined || this.#behindReset !== undefined) {
      breaches.push(`reset while another call runs on ${this.#id}`)
    }
    this.#interrupted = false
    const behind: Array<() => void> = []
    this.#behindReset = behind
    // The next borrower sees the connection as it will be.
    this.#renew()
    queueMicrotask(() =>
      this.#database.step(this.#id, "reset", (failed) => {
        const failure = failed ?? (this.#terminated ? disconnect() : undefined)
        this.#behindReset = undefined
        this.#unreset = failure !== undefined
        done(failure === undefined ? { ok: true, value: undefined } : { ok: false, error: failure })
        for (const run of behind) run()
      }),
    )
  }

  #end(what: string, done: () => void): void {
    if (this.#terminated) return done()
    this.#terminated = true
    this.#database.closed.push(this.#id)
    if (what === "close" && this.#transaction !== "none") {
      this.#database.breaches.push(`close inside of a transaction on ${this.#id}`)
    }
    this.#running?.end(disconnect())
    this.#database.step(this.#id, what, done)
  }

  #exclusively(what: string, heals: boolean, steps: ReadonlyArray<string>, preludes: number, done: Ended): void {
    const { breaches } = this.#database
    if (this.#running !== undefined) breaches.push(`${what} while another call runs on ${this.#id}`)
    if (this.#interrupted && !heals && what !== "close cursor")
      breaches.push(`${what} after an interruption on ${this.#id}`)
    if (this.#terminated) return done(disconnect())
    let endStep: End | undefined
    let over = false
    const finish: Ended = (failure) => {
      if (over) return
      over = true
      this.#running = undefined
      if (heals && failure === undefined) this.#interrupted = false
      else if (!heals && running.cancelled) this.#interrupted = this.#transaction !== "none"
      done(failure)
    }
    const running: Running = {
      cancelled: false,
      end: (failure) => {
        if (endStep === undefined) finish(failure)
        else endStep(failure)
      },
    }
    this.#running = running
    const runStep = (at: number): void => {
      if (over) return
      const sql = steps[at]
      if (sql === undefined) return finish(undefined)
      let ended = false
      const end = this.#database.step(this.#id, sql, (failure) => {
        ended = true
        endStep = undefined
        this.#note(sql, failure !== undefined)
        if (failure === undefined) return runStep(at + 1)
        const { message, cause } = failure
        finish(new DriverError({ ...failure, message, cause, completedPrelude: Math.min(at, preludes) }))
      })
      if (!ended) endStep = end
    }
    const begin = (): void => {
      if (heals) this.#unreset = false
      if (this.#unreset) finish(driverError({ message: "behind a reset that failed" }))
      else runStep(0)
    }
    if (this.#behindReset === undefined) begin()
    else this.#behindReset.push(begin)
  }
}
