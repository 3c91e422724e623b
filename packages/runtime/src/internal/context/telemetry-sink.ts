/** Receives what code in a worker reports besides its results: logs, spans and metrics. */
import type { Report } from "./records.ts"
import type { Caller } from "./sent.ts"

export interface TelemetrySink {
  /** Takes one report of code that runs for `caller`, or for no call. Throws nothing. */
  take(caller: Caller | undefined, report: Report): void
  /** Ends what reports began and did not end: the worker is gone, for `reason`. */
  end(reason: unknown): void
}
