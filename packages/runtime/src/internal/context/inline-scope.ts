/** A call whose code runs on the loop's own thread: what it has to say needs no way. */
import type { Desk } from "./desk.ts"
import type { MetricKey, MetricUpdate } from "./metric-key.ts"
import type { Report } from "./records.ts"
import { type Outlet, Scope } from "./scope.ts"
import type { Caller } from "./sent.ts"

export class InlineScope extends Scope implements Outlet {
  readonly #desk: Desk
  readonly #caller: Caller | undefined

  constructor(desk: Desk, caller: Caller | undefined) {
    super(0, caller?.sent)
    this.#desk = desk
    this.#caller = caller
  }

  get outlet(): Outlet {
    return this
  }

  tell({ open }: Scope, report: Report): void {
    this.#desk.take(open ? this.#caller : undefined, report)
  }

  update(key: MetricKey, update: MetricUpdate): void {
    this.#desk.take(this.#caller, { type: "metric", key, updates: [update] })
  }
}
