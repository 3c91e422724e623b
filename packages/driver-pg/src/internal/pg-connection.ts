import { type BoundParameter, bindParameters } from "./bind-parameters.ts"
import { type Cursor, isDeclarable, takeBuffered } from "./cursor.ts"
import type { PgConfig } from "./pg-config.ts"
import type { StatementResult } from "./postgres-js.ts"
import { type Notice, Session } from "./session.ts"

/** A buffered result with rows as flat, row-major cells: the form that crosses threads in one piece. */
export interface PgResult {
  readonly columns: ReadonlyArray<string>
  readonly cells: ReadonlyArray<unknown>
  readonly rowCount: number
  /** What the server remarked since the last result. */
  readonly notices: ReadonlyArray<Notice>
}

export interface OpenedCursor {
  readonly id: number
  readonly columns: ReadonlyArray<string>
}

/** What the connection adds to an error that leaves it. */
export interface FailureState {
  readonly completedPrelude: number
  /** BEGIN had failed, yet the statement behind it was on its way already and succeeded by itself. */
  readonly ranOutsideTransaction: boolean
}

type Prelude = ReadonlyArray<string>
type Values = ReadonlyArray<unknown>

/** A call that was made and has not ended. */
interface Turn {
  /** Its prelude has run, so that a cancel request cannot hit BEGIN and let the statement through. */
  readonly begun: PromiseWithResolvers<void>
  readonly ended: PromiseWithResolvers<void>
  /** Nobody wants its answer any more. */
  cancelled: boolean
  isOver: boolean
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
const ignore = (): void => {}

/**
 * One connection to a server, on the thread that opened it: promises, no Effect.
 *
 * Calls run one after the other. `cancel` alone comes in between. Errors are the library's own with
 * {@link FailureState} put on them; what they mean is decided where they arrive.
 */
export class PgConnection {
  readonly #session: Session
  readonly #maxPipeline: number
  readonly #cursors = new Map<number, Cursor>()
  #lastCursor = 0
  /** When the last call and the last cancel request have ended. */
  #idle: Promise<unknown> = Promise.resolve()
  /** The call that was made last, until it ends. */
  #turn: Turn | undefined

  constructor(config: PgConfig) {
    this.#session = new Session(config)
    this.#maxPipeline = config.maxPipeline
  }

  async open(): Promise<void> {
    await this.#session.open()
  }

  execute(sql: string, parameters: Values, prelude: Prelude, bigints: boolean): Promise<PgResult> {
    return this.#takeTurn(bigints, async (begun) => {
      const bound = bindParameters(parameters)
      const cells: Array<unknown> = []
      const result = await this.#run(prelude, () => this.#session.send(sql, bound, cells), begun)
      return this.#result(result, cells, result.count ?? -1)
    })
  }

  /** Runs a statement once for each set; all of them or none, also where no transaction is open. */
  executeMany(
    sql: string,
    parameterSets: ReadonlyArray<Values>,
    prelude: Prelude,
    bigints: boolean,
  ): Promise<PgResult> {
    return this.#takeTurn(bigints, async (begun) => {
      const sets = parameterSets.map((set, index) =>
        this.#ofSet(index, parameterSets.length, () => bindParameters(set)),
      )
      const own = prelude.length === 0 && !this.#session.state.inTransaction
      const cells: Array<unknown> = []
      try {
        const result = await this.#run(own ? ["BEGIN"] : prelude, () => this.#sendSets(sql, sets, cells), begun)
        if (own) await this.#commit()
        return result
      } catch (error) {
        // A rollback that fails as well has lost the connection, which the next call says.
        if (own) await this.#rollback().catch(ignore)
        throw error
      }
    })
  }

  openCursor(
    sql: string,
    parameters: Values,
    prelude: Prelude,
    bigints: boolean,
    isWrite: boolean,
  ): Promise<OpenedCursor> {
    return this.#takeTurn(bigints, async (begun) => {
      const bound = bindParameters(parameters)
      const id = ++this.#lastCursor
      if (!isDeclarable(sql, isWrite)) {
        const cells: Array<unknown> = []
        const { columns } = await this.#run(prelude, () => this.#session.send(sql, bound, cells), begun)
        const names = (columns ?? []).map((column) => column.name)
        this.#cursors.set(id, { _tag: "Buffered", cells, width: names.length, position: 0 })
        return { id, columns: names }
      }
      const name = `offloop_cursor_${id}`
      // Outside of a transaction a cursor would end with the statement that declares it.
      const held = prelude.length === 0 && !this.#session.state.inTransaction
      const declare = `DECLARE ${name} NO SCROLL CURSOR ${held ? "WITH HOLD" : "WITHOUT HOLD"} FOR ${sql}`
      await this.#run(prelude, () => this.#session.send(declare, bound, []), begun)
      this.#cursors.set(id, { _tag: "Declared", name, bigints, held })
      const { columns } = await this.#session.send(`FETCH FORWARD 0 FROM ${name}`, [], [])
      return { id, columns: (columns ?? []).map((column) => column.name) }
    })
  }

  /** At most `size` rows as flat cells; none when the cursor is exhausted. */
  fetch(id: number, size: number): Promise<Array<unknown>> {
    const cursor = this.#cursors.get(id)
    return this.#takeTurn(cursor?._tag === "Declared" && cursor.bigints, async (begun) => {
      if (cursor === undefined || !this.#cursors.has(id)) {
        throw Object.assign(new Error("the cursor is closed: its transaction has ended"), { code: "34000" })
      }
      if (cursor._tag === "Buffered") return takeBuffered(cursor, size)
      const cells: Array<unknown> = []
      await this.#run([], () => this.#session.send(`FETCH FORWARD ${size} FROM ${cursor.name}`, [], cells), begun)
      return cells
    })
  }

  closeCursor(id: number): Promise<void> {
    return this.#takeTurn(false, async () => {
      const cursor = this.#cursors.get(id)
      this.#cursors.delete(id)
      // Within a transaction the cursor may be gone already (ROLLBACK TO), and asking for it would break the
      // transaction. It ends with that in any case.
      if (cursor?._tag === "Declared" && cursor.held && !this.#session.state.inTransaction) {
        await this.#session.send(`CLOSE ${cursor.name}`, [], [])
      }
    })
  }

  commit(): Promise<void> {
    return this.#takeTurn(false, async () => {
      if (this.#session.state.inTransaction) await this.#commit()
    })
  }

  rollback(): Promise<void> {
    return this.#takeTurn(false, () => this.#rollback())
  }

  reset(): Promise<void> {
    return this.#takeTurn(false, async () => {
      await this.#rollback()
      const undo = [...(this.#cursors.size > 0 ? ["CLOSE ALL"] : []), ...this.#session.state.undo()]
      for (const sql of undo) await this.#session.send(sql, [], [])
      this.#cursors.clear()
      this.#session.state.undone()
    })
  }

  ping(): Promise<void> {
    return this.#takeTurn(false, async () => {
      await this.#session.send("SELECT 1", [], [])
    })
  }

  /** Stops the call that runs now, if any. It fails then, and the calls behind it wait until nothing can hit them. */
  cancel(): Promise<void> {
    const turn = this.#turn
    if (turn === undefined) return Promise.resolve()
    turn.cancelled = true
    const cancelled = this.#cancel(turn)
    this.#idle = Promise.all([this.#idle, cancelled.catch(ignore)])
    return cancelled
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  destroy(): void {
    this.#session.destroy()
  }

  #takeTurn<A>(bigints: boolean, body: (begun: () => void) => Promise<A>): Promise<A> {
    const turn: Turn = {
      begun: Promise.withResolvers(),
      ended: Promise.withResolvers(),
      cancelled: false,
      isOver: false,
    }
    this.#turn = turn
    const call = this.#idle.then(async () => {
      try {
        if (turn.cancelled) throw Object.assign(new Error("the call was cancelled before it began"), { code: "57014" })
        this.#session.work(bigints)
        return await body(turn.begun.resolve)
      } finally {
        if (this.#turn === turn) this.#turn = undefined
        turn.isOver = true
        turn.begun.resolve()
        turn.ended.resolve()
        this.#session.rest()
      }
    })
    this.#idle = call.catch(ignore)
    return call
  }

  /**
   * Sends the prelude and what follows in one go. What follows was sent by the time that a prelude fails: inside of a
   * transaction the server refuses it then by itself.
   */
  async #run<A>(prelude: Prelude, send: () => Promise<A>, begun: () => void): Promise<A> {
    const preludes = prelude.map((sql) => this.#session.send(sql, [], []))
    const sent = send()
    let completedPrelude = 0
    try {
      for (const promise of preludes) {
        promise.catch(ignore)
        sent.catch(ignore)
      }
      for (const promise of preludes) {
        await promise
        completedPrelude++
      }
      begun()
      return await sent
    } catch (error) {
      const outcome = await Promise.allSettled([sent, ...preludes])
      const state: FailureState = {
        completedPrelude,
        ranOutsideTransaction: outcome[0].status === "fulfilled",
      }
      throw Object.assign(asError(error), state)
    }
  }

  async #sendSets(
    sql: string,
    sets: ReadonlyArray<ReadonlyArray<BoundParameter>>,
    cells: Array<unknown>,
  ): Promise<PgResult> {
    let last: StatementResult | undefined
    let rowCount = 0
    for (let start = 0; start < sets.length; start += this.#maxPipeline) {
      const sent = sets.slice(start, start + this.#maxPipeline).map((set) => this.#session.send(sql, set, cells))
      const outcomes = await Promise.allSettled(sent)
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === "rejected") {
          this.#ofSet(start + index, sets.length, () => {
            throw outcome.reason
          })
        } else {
          last = outcome.value
          rowCount += outcome.value.count ?? 0
        }
      }
    }
    return this.#result(last, cells, rowCount)
  }

  #ofSet<A>(index: number, count: number, body: () => A): A {
    try {
      return body()
    } catch (error) {
      throw Object.assign(asError(error), { parameterSet: index + 1, parameterSetCount: count })
    }
  }

  async #commit(): Promise<void> {
    this.#forgetCursors((cursor) => cursor._tag === "Declared" && !cursor.held)
    const { command } = await this.#session.send("COMMIT", [], [])
    if (command !== "ROLLBACK") return
    throw Object.assign(new Error("a statement had failed, so that COMMIT rolled the transaction back"), {
      code: "25P02",
    })
  }

  async #rollback(): Promise<void> {
    this.#forgetCursors((cursor) => cursor._tag === "Buffered" || !cursor.held)
    if (this.#session.state.inTransaction) await this.#session.send("ROLLBACK", [], [])
  }

  #forgetCursors(which: (cursor: Cursor) => boolean): void {
    for (const [id, cursor] of this.#cursors) {
      if (which(cursor)) this.#cursors.delete(id)
    }
  }

  /** The server ignores a request that finds it between two statements of a call, so it is asked until it has stopped. */
  async #cancel(turn: Turn): Promise<void> {
    await turn.begun.promise
    for (let pause = 50; !turn.isOver; pause *= 2) {
      await this.#session.cancel()
      const timer = Promise.withResolvers<void>()
      const timeout = setTimeout(timer.resolve, Math.min(pause, 5_000))
      await Promise.race([turn.ended.promise, timer.promise])
      clearTimeout(timeout)
    }
  }

  #result(result: StatementResult | undefined, cells: Array<unknown>, rowCount: number): PgResult {
    return {
      columns: (result?.columns ?? []).map((column) => column.name),
      cells,
      rowCount,
      notices: this.#session.takeNotices(),
    }
  }
}
