import { fromThread } from "@offloop/runtime/worker"
import type {
  DriverBatchCall,
  DriverCall,
  DriverConnection,
  DriverCursor,
  DriverDone,
  DriverResult,
  TransactionState,
} from "../driver/driver.ts"
import { DriverError } from "../errors/driver-error.ts"
import type { PortalReply, PortalRequest } from "./portal-messages.ts"

/**
 * A connection that lives on the loop, as a function in a worker uses it: each call blocks this thread until the loop has
 * answered.
 */
export class PortalConnection implements DriverConnection {
  readonly answersAtOnce = true
  readonly pipelineDepth = 1
  readonly driverConnection = undefined
  readonly isOpen = true
  transaction: TransactionState
  sessionChanged = false

  /** @param transaction the connection's state when the function begins */
  constructor(transaction: TransactionState) {
    this.transaction = transaction
  }

  execute(call: DriverCall, done: DriverDone<DriverResult>): void {
    this.#ask({ method: "execute", call }, done)
  }

  executeMany(call: DriverBatchCall, done: DriverDone<DriverResult>): void {
    this.#ask({ method: "executeMany", call }, done)
  }

  openCursor(call: DriverCall, done: DriverDone<DriverCursor>): void {
    this.#ask<{ readonly id: number; readonly columns: ReadonlyArray<string> }>(
      { method: "openCursor", call },
      (opened) => done(opened.ok ? { ok: true, value: this.#cursor(opened.value) } : opened),
    )
  }

  commit(done: DriverDone<void>): void {
    this.#ask({ method: "commit" }, done)
  }

  rollback(done: DriverDone<void>): void {
    this.#ask({ method: "rollback" }, done)
  }

  reset(done: DriverDone<void>): void {
    this.#ask({ method: "reset" }, done)
  }

  ping(done: DriverDone<void>): void {
    this.#ask({ method: "ping" }, done)
  }

  // The thread is blocked while a call is under way, so there is nothing that could be cancelled from here.
  cancel(): void {}

  // The connection is the loop's, which ends it.
  close(done: () => void): void {
    done()
  }

  terminate(): void {}

  #cursor({ id, columns }: { readonly id: number; readonly columns: ReadonlyArray<string> }): DriverCursor {
    return {
      columns,
      fetch: (size, done) => this.#ask({ method: "fetch", id, size }, done),
      close: (done) => this.#ask({ method: "closeCursor", id }, done),
    }
  }

  #ask<A>(request: PortalRequest, done: DriverDone<A>): void {
    const reply = fromThread.run("call", request) as PortalReply
    this.transaction = reply.transaction
    this.sessionChanged = reply.sessionChanged
    if (reply.error === undefined) done({ ok: true, value: reply.value as A })
    else done({ ok: false, error: new DriverError(reply.error) })
  }
}
