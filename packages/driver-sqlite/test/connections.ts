import {
  type DriverBatchCall,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  DriverError,
  type DriverResult,
  type DriverUnit,
  makeUrl,
  type Placement,
} from "@offloop/orm-async/driver"
import { sqlite } from "../src/index.ts"

/** The outcome of a driver's call, as a promise. */
export const ended = <A>(call: (done: DriverDone<A>) => void): Promise<A> =>
  new Promise((resolve, reject) => {
    call((outcome) => (outcome.ok ? resolve(outcome.value) : reject(outcome.error)))
  })

/** The error that a call ends with. */
export const failureOf = async (call: Promise<unknown>): Promise<DriverError> => {
  try {
    await call
  } catch (error) {
    if (error instanceof DriverError) return error
    throw error
  }
  throw new Error("the call did not fail")
}

/** A statement of the ORM, which knows whether it writes. */
export const call = (sql: string, more: Partial<DriverCall> = {}): DriverCall => ({
  sql,
  parameters: [],
  prelude: [],
  isWrite: !/^(?:SELECT|WITH)/.test(sql),
  bigints: false,
  ...more,
})

/** A statement of the program's own. */
export const text = (sql: string, more: Partial<DriverCall> = {}): DriverCall =>
  call(sql, { isWrite: undefined, ...more })

/** A statement that is run with many sets of values. */
export const batch = (
  sql: string,
  parameterSets: ReadonlyArray<ReadonlyArray<unknown>>,
  more: Partial<DriverBatchCall> = {},
): DriverBatchCall => ({ sql, parameterSets, prelude: [], isWrite: true, bigints: false, ...more })

export const begin = { prelude: ["BEGIN"] }
export const beginWrite = { prelude: ["BEGIN IMMEDIATE"] }

/** A driver's connection with promises. */
export class Conn {
  readonly driver: DriverConnection

  constructor(driver: DriverConnection) {
    this.driver = driver
  }

  execute(statement: DriverCall): Promise<DriverResult> {
    return ended((done) => this.driver.execute(statement, done))
  }

  /** Runs a statement of the ORM. */
  run(sql: string, parameters: ReadonlyArray<unknown> = []): Promise<DriverResult> {
    return this.execute(call(sql, { parameters }))
  }

  async cells(sql: string, parameters: ReadonlyArray<unknown> = []): Promise<ReadonlyArray<unknown>> {
    return (await this.run(sql, parameters)).cells
  }

  executeMany(statement: DriverBatchCall): Promise<DriverResult> {
    return ended((done) => this.driver.executeMany(statement, done))
  }

  executeUnit(unit: DriverUnit): Promise<ReadonlyArray<DriverResult>> {
    return ended((done) => this.driver.executeUnit?.(unit, done))
  }

  openCursor(statement: DriverCall): Promise<DriverCursor> {
    return ended((done) => this.driver.openCursor(statement, done))
  }

  commit(): Promise<void> {
    return ended((done) => this.driver.commit(done))
  }

  rollback(): Promise<void> {
    return ended((done) => this.driver.rollback(done))
  }

  reset(): Promise<void> {
    return ended((done) => this.driver.reset(done))
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.driver.close(resolve)
    })
  }
}

/** Rows of a cursor. */
export const fetch = (cursor: DriverCursor, size: number): Promise<ReadonlyArray<unknown>> =>
  ended((done) => cursor.fetch(size, done))

/** Opens a connection to a file, or to `:memory:`. */
export const connect = async (
  path: string,
  placement: Placement,
  connectArgs: Readonly<Record<string, unknown>> = {},
): Promise<Conn> => {
  const url = makeUrl(path === ":memory:" ? "sqlite://" : `sqlite:///${path}`)
  return new Conn(await ended((done) => sqlite.connect(url, { placement, connectArgs }, done)))
}
