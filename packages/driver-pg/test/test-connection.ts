import {
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  DriverError,
  type DriverNotice,
  type DriverResult,
  type DriverUnitCall,
  makeUrl,
  type Outcome,
  type Placement,
  type Url,
} from "@offloop/orm-async/driver"
import { expect, onTestFinished } from "vitest"
import { postgres } from "../src/pg-driver.ts"
import { serverUrl } from "./server.ts"

export const placements: ReadonlyArray<Placement> = ["inline", "worker"]

type Values = ReadonlyArray<unknown>

/** A call as a promise. */
export const promised = <A>(make: (done: DriverDone<A>) => void): Promise<A> =>
  new Promise((resolve, reject) => {
    let told = false
    make((outcome) => {
      if (told) throw new Error("a call was told twice how it ended")
      told = true
      if (outcome.ok) resolve(outcome.value)
      else reject(outcome.error)
    })
  })

/** The error that a promise is rejected with. */
export const failureOf = async (promise: Promise<unknown>): Promise<DriverError> => {
  const outcome: Outcome<unknown> = await promise.then(
    (value) => ({ ok: true, value }) as const,
    (error: unknown) => ({ ok: false, error }) as const,
  )
  if (!outcome.ok && outcome.error instanceof DriverError) return outcome.error
  throw outcome.ok ? new Error(`it succeeded with ${JSON.stringify(outcome.value)}`) : outcome.error
}

/** A statement that the engine has compiled, unless `isWrite` is undefined. */
export const call = (sql: string, parameters: Values = [], more: Partial<DriverCall> = {}): DriverCall => ({
  sql,
  parameters,
  prelude: [],
  isWrite: false,
  bigints: false,
  ...more,
})

/** A cursor whose calls are promises. */
export class TestCursor {
  readonly driver: DriverCursor

  constructor(driver: DriverCursor) {
    this.driver = driver
  }

  fetch(size: number): Promise<Values> {
    return promised((done) => this.driver.fetch(size, done))
  }

  close(): Promise<void> {
    return promised((done) => this.driver.close(done))
  }
}

/** A connection whose calls are promises. */
export class TestConnection {
  readonly driver: DriverConnection

  constructor(driver: DriverConnection) {
    this.driver = driver
  }

  get transaction() {
    return this.driver.transaction
  }

  execute(sql: string, parameters: Values = [], more: Partial<DriverCall> = {}): Promise<DriverResult> {
    return promised((done) => this.driver.execute(call(sql, parameters, more), done))
  }

  /** SQL that the program wrote itself. */
  text(sql: string, parameters: Values = []): Promise<DriverResult> {
    return this.execute(sql, parameters, { isWrite: undefined })
  }

  /** The first value of a compiled statement's result. */
  async value(sql: string, parameters: Values = []): Promise<unknown> {
    return (await this.execute(sql, parameters)).cells[0]
  }

  executeMany(sql: string, parameterSets: ReadonlyArray<Values>, prelude: ReadonlyArray<string> = []) {
    return promised<DriverResult>((done) =>
      this.driver.executeMany({ sql, parameterSets, prelude, isWrite: true, bigints: false }, done),
    )
  }

  executeUnit(calls: ReadonlyArray<DriverUnitCall>, begin = "BEGIN") {
    return promised<ReadonlyArray<DriverResult>>((done) => {
      if (this.driver.executeUnit === undefined) throw new Error("the driver runs no units")
      this.driver.executeUnit({ begin, calls }, done)
    })
  }

  async openCursor(sql: string, parameters: Values = [], more: Partial<DriverCall> = {}): Promise<TestCursor> {
    return new TestCursor(await promised((done) => this.driver.openCursor(call(sql, parameters, more), done)))
  }

  commit(): Promise<void> {
    return promised((done) => this.driver.commit(done))
  }

  rollback(): Promise<void> {
    return promised((done) => this.driver.rollback(done))
  }

  reset(): Promise<void> {
    return promised((done) => this.driver.reset(done))
  }

  resetAhead(): Promise<void> {
    return promised((done) => this.driver.resetAhead?.(done))
  }

  ping(): Promise<void> {
    return promised((done) => this.driver.ping(done))
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.driver.close(resolve))
  }

  /** The number of the server's process. */
  pid(): Promise<number> {
    return this.value("SELECT pg_backend_pid()") as Promise<number>
  }
}

/** Options for opening a connection. */
export interface OpenOptions {
  readonly connectArgs?: Readonly<Record<string, unknown>>
  readonly url?: Url
  readonly onNotice?: (notice: DriverNotice) => void
}

export const testUrl = (): Url => makeUrl(serverUrl())

/** Opens a connection that the test must close. */
export const open = (placement: Placement, options: OpenOptions = {}): Promise<TestConnection> =>
  promised<DriverConnection>((done) => {
    const { connectArgs = {}, url = testUrl(), onNotice } = options
    postgres.connect(url, { placement, connectArgs, onNotice }, done)
  }).then((driver) => new TestConnection(driver))

/** Opens a connection that is closed when the test has finished. */
export const connect = async (placement: Placement, options: OpenOptions = {}): Promise<TestConnection> => {
  const connection = await open(placement, options)
  onTestFinished(() => connection.close())
  return connection
}

/** Repeats a query of the server until its answer is the expected one. */
export const until = async (ask: () => Promise<unknown>, expected: unknown): Promise<void> => {
  let answer = await ask()
  while (answer !== expected) answer = await ask()
  expect(answer).toBe(expected)
}

let names = 0

/** A name for an object of the database that no other test uses. */
export const uniqueName = (): string => `t${process.pid}_${Math.random().toString(36).slice(2, 8)}_${++names}`

/** A table that is dropped when the test has finished. */
export const makeTable = async (conn: TestConnection, columns: string): Promise<string> => {
  const name = uniqueName()
  await conn.execute(`CREATE TABLE ${name} (${columns})`, [], { isWrite: true })
  onTestFinished(async () => {
    const janitor = await open("inline")
    await janitor.execute(`DROP TABLE IF EXISTS ${name}`, [], { isWrite: true })
    await janitor.close()
  })
  return name
}
