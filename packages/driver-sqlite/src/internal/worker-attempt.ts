import {
  type ConnectAttempt,
  type DriverConnection,
  type DriverDone,
  type DriverError,
  failure,
} from "@offloop/orm-async/driver"
import { connectCancelled } from "./driver-failure.ts"
import type { FailureContext } from "./sqlite-failure.ts"

/** The opening of a connection in a worker, which cannot be stopped: what it gives after all is closed. */
export class WorkerAttempt implements ConnectAttempt {
  readonly #context: FailureContext
  #done: DriverDone<DriverConnection> | undefined

  constructor(context: FailureContext, done: DriverDone<DriverConnection>) {
    this.#context = context
    this.#done = done
  }

  /** True once it has been answered, or given up. */
  get isOver(): boolean {
    return this.#done === undefined
  }

  cancel(): void {
    this.fail(connectCancelled(this.#context))
  }

  fail(error: DriverError): void {
    const done = this.#done
    this.#done = undefined
    done?.(failure(error))
  }

  opened(connection: DriverConnection): void {
    const done = this.#done
    this.#done = undefined
    if (done === undefined) connection.terminate()
    else done({ ok: true, value: connection })
  }
}
