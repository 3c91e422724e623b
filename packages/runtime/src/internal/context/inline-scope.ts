/** A call whose code runs on the loop's own thread: what it has to say needs no way. */
import type { MetricKey, MetricUpdate } from "./metric-key.ts"
import type { Report } from "./records.ts"
import { type Outlet, Scope } from "./scope.ts"
import type { Caller } from "./sent.ts"
import type { TelemetrySink } from "./telemetry-sink.ts"

export class InlineScope extends Scope implements Outlet {
  readonly #telemetry: TelemetrySink
  readonly #caller: Caller | undefined

  constructor(telemetry: TelemetrySink, caller: Caller | undefined) {
    super(0, caller?.sent)
    this.#telemetry = telemetry
    this.#caller = caller
  }

  get outlet(): Outlet {
    return this
  }

  tell({ open }: Scope, report: Report): void {
    this.#telemetry.take(open ? this.#caller : undefined, report)
  }

  update(key: MetricKey, update: MetricUpdate): void {
    this.#telemetry.take(this.#caller, { type: "metric", key, updates: [update] })
  }
}
