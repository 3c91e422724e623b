import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import type { DriverDone, DriverResult } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import { type Call, type Leaving, Left } from "../operation/call.ts"
import { Operation } from "../operation/operation.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import type { Waiter } from "../operation/wait-queue.ts"
import type { PooledConnection } from "../pool/pooled-connection.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { ConnectionCore } from "./connection-core.ts"
import { failedStep, isLarge, largeResultOf, resultOf } from "./statement-result.ts"

type State = "new" | "queued" | "repairing" | "sent" | "left" | "decoding" | "ended"

/**
 * A compiled statement on its way through a connection. Nearly every call of a program is one of these, so it is written
 * by hand and not as a procedure.
 *
 * | state | leaving |
 * |---|---|
 * | queued | leaves the queue |
 * | repairing | leaves the repair |
 * | decoding | the rows are dropped |
 * | sent | the transaction is in doubt, the driver is asked to stop; the turn is kept until the answer comes |
 */
export class StatementCall<Row> implements Call<BufferedResult<Row>>, Waiter {
  readonly #core: ConnectionCore
  readonly #compile: () => Compiled<Row>
  #compiled: Compiled<Row> | undefined
  #done: Done<BufferedResult<Row>> | undefined
  #state: State = "new"
  #repair: Operation<void> | undefined
  #pooled: PooledConnection | undefined
  #preludeLength = 0
  #answers: Array<DriverResult> | undefined
  #callOff: (() => void) | undefined

  /** @param compile gives the statement, or throws why there is none */
  constructor(core: ConnectionCore, compile: () => Compiled<Row>) {
    this.#core = core
    this.#compile = compile
  }

  start(done: Done<BufferedResult<Row>>): void {
    this.#done = done
    try {
      this.#compiled = this.#compile()
    } catch (error) {
      this.#state = "ended"
      return done({ ok: false, error })
    }
    if (this.#core.turn.tryTake()) this.granted()
    else {
      this.#state = "queued"
      this.#core.turn.enqueue(this)
    }
  }

  leave(): Leaving {
    if (this.#state === "queued") {
      this.#core.turn.remove(this)
      this.#state = "ended"
      return "gone"
    }
    if (this.#state === "repairing") {
      if (this.#repair?.leave() !== "gone") return "later"
      this.#state = "ended"
      this.#core.turn.release()
      return "gone"
    }
    if (this.#state === "decoding") {
      this.#callOff?.()
      this.#state = "ended"
      return "gone"
    }
    if (this.#state === "sent") {
      this.#state = "left"
      this.#core.left(this.#pooled as PooledConnection, this.#preludeLength)
    }
    return "later"
  }

  /** The turn has come. */
  granted(): void {
    const core = this.#core
    const refusal = core.refusal()
    if (refusal !== undefined) return this.#fail(refusal)
    if (core.needsRepair) return this.#waitForRepair()
    this.#send()
  }

  #waitForRepair(): void {
    this.#state = "repairing"
    this.#repair = new Operation(() => this.#core.repair())
    this.#repair.start((outcome) => {
      this.#repair = undefined
      if (outcome.ok) this.granted()
      else this.#fail(outcome.error)
    })
  }

  #send(): void {
    const core = this.#core
    const compiled = this.#compiled as Compiled<Row>
    const { steps, isWrite, bigints } = compiled
    const step = steps[this.#answers?.length ?? 0] as CompiledStep
    let prelude: ReadonlyArray<string>
    try {
      prelude = core.prelude(isWrite)
    } catch (error) {
      return this.#fail(error)
    }
    const pooled = core.pooled as PooledConnection
    this.#pooled = pooled
    this.#preludeLength = prelude.length
    this.#state = "sent"
    const { driver } = pooled
    const answered: DriverDone<DriverResult> = (outcome) => this.#answered(outcome)
    if ("parameters" in step) {
      driver.execute({ sql: step.sql, parameters: step.parameters, prelude, isWrite, bigints }, answered)
    } else {
      driver.executeMany({ sql: step.sql, parameterSets: step.parameterSets, prelude, isWrite, bigints }, answered)
    }
  }

  #answered(outcome: Outcome<DriverResult, DriverError>): void {
    const core = this.#core
    const pooled = this.#pooled as PooledConnection
    if (this.#state === "left") {
      core.endedAfterLeaving(pooled, outcome.ok ? undefined : outcome.error)
      return this.#fail(new Left())
    }
    if (!outcome.ok) {
      if (pooled.broken && !core.levels.sent) return this.granted()
      const step = (this.#compiled as Compiled<Row>).steps[this.#answers?.length ?? 0] as CompiledStep
      const mayHaveCommitted = core.autocommit && this.#compiled?.isWrite !== false
      const failed = { ...failedStep(step, core.engine.hideParameters), mayHaveCommitted }
      return this.#fail(core.failed(pooled, this.#preludeLength, outcome.error, failed))
    }
    core.answered(pooled, this.#preludeLength)
    const compiled = this.#compiled as Compiled<Row>
    if (compiled.steps.length === 1) return this.#decodeOne(compiled, outcome.value)
    this.#answers ??= []
    this.#answers.push(outcome.value)
    if (this.#answers.length === compiled.steps.length) this.#decode(compiled, this.#answers)
    else this.granted()
  }

  #decodeOne(compiled: Compiled<Row>, answer: DriverResult): void {
    const { timer } = this.#core.engine
    if (timer === undefined || !isLarge(compiled, answer)) return this.#decode(compiled, [answer])
    // The connection is free for others meanwhile.
    this.#state = "decoding"
    this.#core.turn.release()
    this.#callOff = largeResultOf(compiled, answer, timer, (outcome) => {
      this.#state = "ended"
      this.#done?.(outcome)
    })
  }

  #decode(compiled: Compiled<Row>, answers: ReadonlyArray<DriverResult>): void {
    let result: BufferedResult<Row>
    try {
      result = resultOf(compiled, answers)
    } catch (error) {
      return this.#fail(error)
    }
    this.#end({ ok: true, value: result })
  }

  #fail(error: unknown): void {
    this.#end({ ok: false, error })
  }

  #end(outcome: Outcome<BufferedResult<Row>>): void {
    this.#state = "ended"
    this.#core.turn.release()
    this.#done?.(outcome)
  }
}
