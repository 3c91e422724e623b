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
import { withdrawn } from "../../src/driver/withdrawn.ts"
import { DriverError } from "../../src/errors/driver-error.ts"

/** A statement that a test has not answered. */
export interface Pending {
  readonly sql: string
  readonly answer: (cells?: ReadonlyArray<unknown>) => void
  readonly fail: (error: DriverError) => void
}

/** An error as a driver gives it. */
export const failing = (fields: Partial<DriverError> = {}): DriverError =>
  new DriverError({
    kind: "OperationalError",
    message: "manual failure",
    code: undefined,
    constraint: undefined,
    isDisconnect: false,
    isRetryable: false,
    completedPrelude: 0,
    cause: undefined,
    ...fields,
  })

/** A connection whose statements are answered by the test, in order. */
export class ManualConnection implements DriverConnection {
  readonly id: number
  readonly pending: Array<Pending> = []
  readonly pipelineDepth: number
  readonly answersAtOnce = false
  readonly driverConnection = undefined
  transaction: TransactionState = "none"
  sessionChanged = false
  isOpen = true
  resets = 0
  cancels = 0
  ended: "close" | "terminate" | undefined
  /** Takes back all of `pending` but the first, which has begun. */
  withdraw?: () => void

  constructor(id: number, pipelineDepth: number, canWithdraw: boolean) {
    this.id = id
    this.pipelineDepth = pipelineDepth
    if (canWithdraw) {
      this.withdraw = () => {
        for (const call of this.pending.splice(1)) call.fail(withdrawn)
      }
    }
  }

  execute({ sql }: DriverCall, done: DriverDone<DriverResult>): void {
    this.#wait(sql, done)
  }

  executeMany({ sql, parameterSets }: DriverBatchCall, done: DriverDone<DriverResult>): void {
    this.#wait(`${sql} x${parameterSets.length}`, done)
  }

  executeUnit({ begin, calls }: DriverUnit, done: DriverDone<ReadonlyArray<DriverResult>>): void {
    this.#wait([begin, ...calls.map(({ sql }) => sql), "COMMIT"].join("; "), (outcome) =>
      done(outcome.ok ? { ok: true, value: calls.map(() => outcome.value) } : outcome),
    )
  }

  openCursor(_call: DriverCall, done: DriverDone<DriverCursor>): void {
    done({ ok: false, error: failing() })
  }

  commit(done: DriverDone<void>): void {
    this.transaction = "none"
    done({ ok: true, value: undefined })
  }

  rollback(done: DriverDone<void>): void {
    this.transaction = "none"
    done({ ok: true, value: undefined })
  }

  reset(done: DriverDone<void>): void {
    this.resets++
    this.sessionChanged = false
    this.rollback(done)
  }

  ping(done: DriverDone<void>): void {
    done({ ok: true, value: undefined })
  }

  cancel(): void {
    this.cancels++
  }

  close(done: () => void): void {
    this.ended = "close"
    this.isOpen = false
    done()
  }

  terminate(): void {
    this.ended = "terminate"
    this.isOpen = false
  }

  #wait(sql: string, done: DriverDone<DriverResult>): void {
    const call: Pending = {
      sql,
      answer: (cells = []) => {
        this.#remove(call)
        done({ ok: true, value: { columns: ["n"], cells, rowCount: cells.length } })
      },
      fail: (error) => {
        this.#remove(call)
        done({ ok: false, error })
      },
    }
    this.pending.push(call)
  }

  #remove(call: Pending): void {
    const at = this.pending.indexOf(call)
    if (at >= 0) this.pending.splice(at, 1)
  }
}

/** A database whose connections are opened at once and whose statements the test answers. */
export class ManualDatabase {
  readonly connections: Array<ManualConnection> = []
  pipelineDepth = 4
  canWithdraw = false
  concurrentWriters = true

  get driver(): Driver {
    return {
      name: "manual",
      dialect: sqliteDialect,
      capabilities: {
        placements: ["worker"],
        cancelsRunningStatement: true,
        concurrentWriters: this.concurrentWriters,
        streams: false,
        transactionalDdl: true,
        isolationLevels: ["SERIALIZABLE"],
      },
      poolDefaults: () => ({ poolSize: 2, maxOverflow: 0 }),
      connect: (_url, _options, done): ConnectAttempt => {
        const connection = new ManualConnection(this.connections.length + 1, this.pipelineDepth, this.canWithdraw)
        this.connections.push(connection)
        done({ ok: true, value: connection })
        return { cancel: () => {} }
      },
    }
  }

  /** The statements that wait for an answer, by connection. */
  get pending(): ReadonlyArray<ReadonlyArray<string>> {
    return this.connections.map(({ pending }) => pending.map(({ sql }) => sql))
  }
}

/** A timer whose time goes on when the test says so. */
export class ManualTimer {
  #now = 0
  #due: Array<{ readonly at: number; readonly run: () => void }> = []

  now(): number {
    return this.#now
  }

  later(run: () => void, milliseconds: number): () => void {
    const entry = { at: this.#now + milliseconds, run }
    this.#due.push(entry)
    return () => {
      this.#due = this.#due.filter((one) => one !== entry)
    }
  }

  soon(run: () => void): void {
    setTimeout(run, 0)
  }

  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = next.at
      this.#due = this.#due.filter((one) => one !== next)
      next.run()
    }
    this.#now = end
  }
}
