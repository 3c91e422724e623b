import type { Compiled, CompiledStep } from "../compiler/compiled.ts"
import { failedStep, isLarge, largeResultOf, resultOf } from "../connection/statement-result.ts"
import type { DriverBatchCall, DriverCall, DriverResult } from "../driver/driver.ts"
import type { DriverError } from "../errors/driver-error.ts"
import { fromDriverError } from "../errors/index.ts"
import { type Call, type Leaving, Left } from "../operation/call.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import type { Impatient } from "../pool/deadlines.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { OneShotDispatcher } from "./one-shot-dispatcher.ts"
import type { Lane } from "./one-shot-lane.ts"

const nothing: ReadonlyArray<never> = []

/**
 * A statement that is a transaction of its own, on its way to a connection and back.
 *
 * Leaving takes it out of the queue while it waits; once it is sent it ends by itself, and is cancelled if nothing else is
 * under way on its connection.
 */
export class OneShotCall<Row> implements Call<BufferedResult<Row>>, Impatient {
  readonly compiled: Compiled<Row>
  readonly step: CompiledStep
  /** Its expected time in milliseconds when it was sent. */
  expected = 0
  readonly #dispatcher: OneShotDispatcher
  #done: Done<BufferedResult<Row>> | undefined
  #lane: Lane | undefined
  #left = false
  #callOff: (() => void) | undefined

  /** @param compiled a statement of one step */
  constructor(dispatcher: OneShotDispatcher, compiled: Compiled<Row>) {
    this.#dispatcher = dispatcher
    this.compiled = compiled
    this.step = compiled.steps[0]
  }

  get driverCall(): DriverCall {
    const { isWrite, bigints } = this.compiled
    const { sql, parameters } = this.step as Extract<CompiledStep, { readonly parameters: unknown }>
    return { sql, parameters, prelude: nothing, isWrite, bigints }
  }

  get driverBatchCall(): DriverBatchCall {
    const { isWrite, bigints } = this.compiled
    const { sql, parameterSets } = this.step as Extract<CompiledStep, { readonly parameterSets: unknown }>
    return { sql, parameterSets, prelude: nothing, isWrite, bigints }
  }

  /** Its caller has gone. */
  get isLeft(): boolean {
    return this.#left
  }

  start(done: Done<BufferedResult<Row>>): void {
    this.#done = done
    this.#dispatcher.submit(this as OneShotCall<unknown>)
  }

  leave(): Leaving {
    if (this.#callOff !== undefined) {
      this.#callOff()
      return "gone"
    }
    if (this.#lane === undefined) {
      this.#dispatcher.remove(this as OneShotCall<unknown>)
      this.#done = undefined
      return "gone"
    }
    this.#left = true
    this.#dispatcher.left(this.#lane)
    if (this.#lane.length === 1) this.#lane.pooled.driver.cancel()
    return "later"
  }

  /** It has waited for a connection for too long. */
  giveUp(): void {
    this.#dispatcher.expired(this as OneShotCall<unknown>)
  }

  /** It is sent, or was taken back. */
  onLane(lane: Lane | undefined): void {
    this.#lane = lane
  }

  /** It ended without an answer of a database. */
  fail(error: unknown): void {
    this.#tell({ ok: false, error })
  }

  answered(outcome: Outcome<DriverResult, DriverError>, hideParameters: boolean): void {
    if (this.#left) return this.fail(new Left())
    if (!outcome.ok) return this.fail(fromDriverError(outcome.error, failedStep(this.step, hideParameters)))
    const { timer } = this.#dispatcher.surroundings
    if (isLarge(this.compiled, outcome.value)) {
      this.#callOff = largeResultOf(this.compiled, outcome.value, timer, (made) => this.#tell(made))
      return
    }
    let result: BufferedResult<Row>
    try {
      result = resultOf(this.compiled, [outcome.value])
    } catch (error) {
      return this.fail(error)
    }
    this.#tell({ ok: true, value: result })
  }

  #tell(outcome: Outcome<BufferedResult<Row>>): void {
    const done = this.#done
    this.#done = undefined
    done?.(outcome)
  }
}
