/**
 * Keeps what a call's code enters with `AsyncLocalStorage.enterWith` from the calls after it, which would go on in it. What
 * runs a function in a context costs more than a short call, so that is done only once some code has entered one.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"

let entered = false

const { prototype } = AsyncLocalStorage
const enterWith = Object.getOwnPropertyDescriptor(prototype, "enterWith")?.value as typeof prototype.enterWith
Object.defineProperty(prototype, "enterWith", {
  configurable: true,
  writable: true,
  value: function (this: AsyncLocalStorage<unknown>, store: unknown): void {
    entered = true
    enterWith.call(this, store)
  },
})

export class CallContext {
  readonly #clean = new AsyncResource("OffloopWorker")

  /** Runs a function in the context that there was before any call. */
  run<A>(task: () => A): A {
    return entered ? this.#clean.runInAsyncScope(task) : task()
  }
}
