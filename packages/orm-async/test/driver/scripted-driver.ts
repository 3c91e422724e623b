import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { sqliteDialect } from "../../src/dialect/index.ts"
import type {
  Driver,
  DriverBatchCall,
  DriverCall,
  DriverConnection,
  DriverCursor,
  DriverResult,
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

/** Lost, as after the server's end. */
export const disconnect = (): DriverError => driverError({ isDisconnect: true, message: "connection lost" })

/**
 * A database that does what a test tells it, for failures that a real one gives too rarely: it writes down what it was
 * asked, fails and hangs on demand, and notes every breach of the driver contract by the engine.
 */
export class ScriptedDatabase {
  /** What was asked, as `<connection>:<what>`. */
  readonly log: Array<string> = []
  /** Breaches of the contract; must be empty. */
  readonly breaches: Array<string> = []
  readonly closed: Array<number> = []
  connections = 0
  /** Answers to SQL, `[columns, cells]`; others have no rows. */
  readonly answers = new Map<string, readonly [ReadonlyArray<string>, ReadonlyArray<unknown>]>()
  /** How many times a step lets others run before it answers. */
  delay: () => number = () => 0
  /** Connections opened from now on take a call behind a reset that has not answered. */
  resetsAhead = false
  readonly #failures = new Map<string, Array<DriverError>>()
  readonly #gates = new Map<string, Gate>()

  /** The next time that this is asked for, it fails. */
  fail(what: string, error: DriverError = driverError()): void {
    this.#failures.set(what, [...(this.#failures.get(what) ?? []), error])
  }

  /** Takes back a failure that has not happened; says whether there was one. */
  unfail(what: string): boolean {
    return this.#failures.get(what)?.shift() !== undefined
  }

  /** The next time that this is asked for, it hangs until the gate is opened. */
  hold(what: string): Gate {
    const gate = new Gate()
    this.#gates.set(what, gate)
    return gate
  }

  /** What was asked since the last time. */
  taken(): ReadonlyArray<string> {
    return this.log.splice(0)
  }

  /** One step of one connection: written down, held up, failed. */
  step(id: number, what: string): Effect.Effect<void, DriverError> {
    return Effect.suspend(() => {
      this.log.push(`${id}:${what}`)
      const gate = this.#gates.get(what)
      this.#gates.delete(what)
      const answer = Effect.suspend(() => {
        const failure = this.#failures.get(what)?.shift()
        return failure === undefined ? Effect.void : Effect.fail(failure)
      })
      let failure = answer
      for (let turns = this.delay(); turns > 0; turns--) failure = Effect.zipRight(Effect.yieldNow(), failure)
      return gate === undefined ? failure : Effect.zipRight(gate.pass, failure)
    })
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
    connect: () =>
      Effect.suspend(() => {
        const id = ++this.connections
        return Effect.as(
          Effect.onError(this.step(id, "connect"), () => Effect.sync(() => this.closed.push(id))),
          new ScriptedConnection(this, id),
        )
      }),
  }
}

/** Where a call hangs. */
export class Gate {
  readonly #reached = Deferred.unsafeMake<void>(FiberId.none)
  readonly #open = Deferred.unsafeMake<void>(FiberId.none)

  /** Ends when a call hangs here. */
  readonly reached = Deferred.await(this.#reached)
  /** Lets it go on. */
  readonly open = Effect.asVoid(Deferred.succeed(this.#open, undefined))
  /** Hangs. */
  readonly pass = Effect.zipRight(Deferred.succeed(this.#reached, undefined), Deferred.await(this.#open))
  readonly opened = Deferred.await(this.#open)
}

class ScriptedConnection implements DriverConnection {
  readonly #database: ScriptedDatabase
  readonly #id: number
  #running = false
  #interrupted = false
  #terminated = false
  /** Ends with the reset that is under way without being waited for. */
  #resetting: Deferred.Deferred<void> | undefined
  /** It has failed. */
  #unreset = false
  readonly resetAhead: DriverConnection["resetAhead"]

  constructor(database: ScriptedDatabase, id: number) {
    this.#database = database
    this.#id = id
    this.resetAhead = database.resetsAhead ? (onDone) => this.#resetAhead(onDone) : undefined
  }

  get driverConnection(): number {
    return this.#id
  }

  readonly execute = ({ sql, prelude }: DriverCall): Effect.Effect<DriverResult, DriverError> =>
    Effect.map(this.#statement(sql, prelude), () => this.#answer(sql))

  readonly executeMany = ({ sql, prelude, parameterSets }: DriverBatchCall): Effect.Effect<DriverResult, DriverError> =>
    Effect.map(this.#statement(`${sql} x${parameterSets.length}`, prelude), () => this.#answer(sql))

  readonly openCursor = ({ sql, prelude }: DriverCall): Effect.Effect<DriverCursor, DriverError> =>
    Effect.map(this.#statement(`cursor ${sql}`, prelude), () => {
      const { columns, cells } = this.#answer(sql)
      let at = 0
      let open = true
      return {
        columns,
        fetch: (size) =>
          Effect.map(this.#call(`fetch ${size}`, false), () => {
            if (!open) this.#database.breaches.push(`fetch from a closed cursor on ${this.#id}`)
            const next = cells.slice(at, at + size * columns.length)
            at += next.length
            return next
          }),
        close: Effect.map(this.#call("close cursor", false), () => {
          open = false
        }),
      }
    })

  readonly commit = this.#call("commit", false)
  readonly rollback = this.#call("rollback", true)
  readonly reset = this.#call("reset", true)
  readonly ping = this.#call("ping", false)
  readonly close = this.#end("close")
  readonly terminate = this.#end("terminate")

  #answer(sql: string): DriverResult {
    const [columns, cells] = this.#database.answers.get(sql) ?? [[], []]
    return { columns, cells, rowCount: columns.length === 0 ? 1 : cells.length / columns.length }
  }

  #statement(sql: string, prelude: ReadonlyArray<string>): Effect.Effect<void, DriverError> {
    const preludes = Effect.forEach(
      prelude,
      (text, at) =>
        Effect.mapError(
          this.#database.step(this.#id, text),
          (error) => new DriverError({ ...error, message: error.message, cause: error.cause, completedPrelude: at }),
        ),
      { discard: true },
    )
    const statement = Effect.mapError(
      this.#database.step(this.#id, sql),
      (error) =>
        new DriverError({ ...error, message: error.message, cause: error.cause, completedPrelude: prelude.length }),
    )
    return this.#exclusively(sql, false, Effect.zipRight(preludes, statement))
  }

  #call(what: string, heals: boolean): Effect.Effect<void, DriverError> {
    return Effect.suspend(() => this.#exclusively(what, heals, this.#database.step(this.#id, what)))
  }

  #resetAhead(onDone: (error: DriverError | undefined) => void): void {
    const { breaches } = this.#database
    if (this.#running || this.#resetting !== undefined) breaches.push(`reset while another call runs on ${this.#id}`)
    if (this.#interrupted) breaches.push(`reset without waiting after an interruption on ${this.#id}`)
    const ended = Deferred.unsafeMake<void>(FiberId.none)
    this.#resetting = ended
    const done = (error: DriverError | undefined): void => {
      this.#resetting = undefined
      this.#unreset = error !== undefined
      onDone(error)
      Deferred.unsafeDone(ended, Exit.void)
    }
    Effect.runFork(
      Effect.match(Effect.zipRight(Effect.yieldNow(), this.#database.step(this.#id, "reset")), {
        onSuccess: () => done(this.#terminated ? disconnect() : undefined),
        onFailure: done,
      }),
    )
  }

  /** What is called behind a reset runs after it, and not at all if that fails. */
  #behindReset(heals: boolean, work: Effect.Effect<void, DriverError>): Effect.Effect<void, DriverError> {
    const behind = Effect.suspend(() => {
      if (heals) this.#unreset = false
      return this.#unreset ? Effect.fail(driverError({ message: "behind a reset that failed" })) : work
    })
    return this.#resetting === undefined ? behind : Effect.zipRight(Deferred.await(this.#resetting), behind)
  }

  #end(what: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#terminated) return Effect.void
      this.#terminated = true
      this.#database.closed.push(this.#id)
      return Effect.orDie(this.#database.step(this.#id, what))
    })
  }

  #exclusively(what: string, heals: boolean, work: Effect.Effect<void, DriverError>): Effect.Effect<void, DriverError> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const { breaches } = this.#database
        if (this.#running) breaches.push(`${what} while another call runs on ${this.#id}`)
        if (this.#interrupted && !heals) breaches.push(`${what} after an interruption on ${this.#id}`)
        if (this.#terminated) return Effect.fail(disconnect())
        this.#running = true
        return Effect.onExit(restore(this.#behindReset(heals, work)), (exit) =>
          Effect.sync(() => {
            this.#running = false
            this.#interrupted = !heals && Exit.isInterrupted(exit)
          }),
        )
      }),
    )
  }
}
