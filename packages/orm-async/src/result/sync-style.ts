import type { Style } from "../style.ts"
import type { PlainStyle } from "./plain-style.ts"

/** The style of `@offloop/orm-async/sync`: each call returns its answer or throws the typed error, and `using` closes. */
export interface SyncStyle extends Style {
  readonly run: this["A"]
  readonly member: () => this["A"]
  readonly scoped: () => this["A"] & Disposable
  readonly body: this["A"]
  readonly results: PlainStyle
  readonly stream: Iterable<this["A"]>
  /** A synchronous connection is where functions run already: call them with it. */
  readonly runSync: undefined
  readonly options: unknown
}
