import type { PlainStyle } from "../result/plain-style.ts"
import type { Style } from "../style.ts"

/** Options of every call in the Promise style. */
export interface CallOptions {
  /**
   * Aborting it leaves the call, which rejects with the signal's reason: a statement is cancelled where the database can,
   * and its transaction accepts only a rollback then. A COMMIT that is under way is waited for: its outcome decides.
   */
  readonly signal?: AbortSignal | undefined
}

/** The style of `@offloop/orm-async/promise`: Promises that reject with the typed error itself, and `await using`. */
export interface PromiseStyle extends Style {
  readonly run: Promise<this["A"]>
  readonly member: (options?: CallOptions) => Promise<this["A"]>
  readonly scoped: (options?: CallOptions) => Promise<this["A"] & AsyncDisposable>
  readonly body: PromiseLike<this["A"]> | this["A"]
  readonly results: PlainStyle
  readonly stream: AsyncIterable<this["A"]>
  readonly options: CallOptions
}
