import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import { failedStep, isLarge, largeResultOf, resultOf } from "../connection/statement-result.ts"
import type { DriverConnection, DriverResult, StatementNature } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import { fromDriverError } from "../errors/index.ts"
import { type Leaving, Left } from "../operation/call.ts"
import type { Outcome } from "../operation/outcome.ts"
import type { Timer } from "../operation/timer.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import { type AnyLaneCall, LaneCall, type LaneCallOwner } from "./lane-call.ts"
import type { Lane } from "./one-shot-lane.ts"

const nothing: ReadonlyArray<never> = []

/**
 * A statement that is a transaction of its own, on its way to a connection and back. Once it is sent, leaving lets it end by
 * itself, and cancels it if nothing else is under way on its connection.
 */
export class OneShotCall<Row> extends LaneCall<BufferedResult<Row>, DriverResult> {
  readonly key: string
  readonly isWrite: boolean | undefined
  readonly mayShare: boolean
  readonly #compiled: Compiled<Row>
  readonly #step: CompiledStep
  readonly #timer: Timer
  #callOff: (() => void) | undefined

  /**
   * @param compiled a statement of one step
   * @param timer gives the loop turns while many rows are made
   */
  constructor(owner: LaneCallOwner<AnyLaneCall>, compiled: Compiled<Row>, timer: Timer) {
    super(owner)
    const [step] = compiled.steps
    this.#compiled = compiled
    this.#step = step
    this.#timer = timer
    this.key = step.sql
    this.isWrite = compiled.isWrite
    this.mayShare = "parameters" in step
  }

  send(driver: DriverConnection, done: (outcome: Outcome<DriverResult, DriverError>) => void): void {
    const { isWrite, bigints } = this.#compiled
    const step = this.#step
    const { sql } = step
    if ("parameters" in step) {
      driver.execute({ sql, parameters: step.parameters, prelude: nothing, isWrite, bigints }, done)
    } else driver.executeMany({ sql, parameterSets: step.parameterSets, prelude: nothing, isWrite, bigints }, done)
  }

  override leave(): Leaving {
    if (this.#callOff === undefined) return super.leave()
    this.#callOff()
    return "gone"
  }

  answered(outcome: Outcome<DriverResult, DriverError>, hideParameters: boolean): void {
    if (this.isLeft) return this.fail(new Left())
    if (!outcome.ok) {
      const mayHaveCommitted = this.#compiled.isWrite !== false
      return this.fail(fromDriverError(outcome.error, { ...failedStep(this.#step, hideParameters), mayHaveCommitted }))
    }
    if (isLarge(this.#compiled, outcome.value)) {
      this.#callOff = largeResultOf(this.#compiled, outcome.value, this.#timer, (made) => this.tell(made))
      return
    }
    let result: BufferedResult<Row>
    try {
      result = resultOf(this.#compiled, [outcome.value])
    } catch (error) {
      return this.fail(error)
    }
    this.tell({ ok: true, value: result })
  }

  override natureIn({ nature }: DriverResult): StatementNature | undefined {
    return nature
  }

  protected leaveSent(lane: Lane): Leaving {
    this.goneFrom(lane)
    if (lane.length === 1) lane.pooled.driver.cancel()
    return "later"
  }
}
