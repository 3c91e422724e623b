import type { PlainStyle } from "../result/plain-style.ts"
import type { Style } from "../style.ts"

/** The style of `@offloop/orm-async/sync`: each call returns its answer or throws the typed error, and `using` closes. */
export interface SyncStyle extends Style {
  readonly run: this["A"]
  readonly member: () => this["A"]
  readonly scoped: () => this["A"] & Disposable
  readonly body: this["A"]
  readonly results: PlainStyle
  readonly stream: Iterable<this["A"]>
  readonly options: unknown
}
