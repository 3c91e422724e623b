/** `LoopMonitor` for programs without Effect: how long the event loop keeps its events waiting. */
import { toMillis } from "../internal/duration.ts"
import { startMonitor } from "../internal/monitor/monitor.ts"
import type * as Effects from "../LoopMonitor.ts"
import { closable } from "./call-options.ts"

export type { Options, Snapshot } from "../LoopMonitor.ts"

/** A running monitor. */
export interface LoopMonitor extends AsyncDisposable {
  /** What was seen so far. */
  readonly snapshot: () => Promise<Effects.Snapshot>
  /** Forgets what was seen so far. */
  readonly reset: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Watches the loop that it is opened on until it is closed. Rejects with a `TypeError` where the resolution is no duration.
 *
 * ```ts
 * import { LoopMonitor } from "@offloop/runtime/promise"
 *
 * await using monitor = await LoopMonitor.open({ resolution: "5 millis" })
 * const { p50, p99, max } = await monitor.snapshot()
 * ```
 */
export const open = async ({ resolution = 10 }: Effects.Options = {}): Promise<LoopMonitor> => {
  const millis = toMillis(resolution)
  if (millis === undefined) {
    throw new TypeError(`resolution is a duration, such as "10 millis", not ${String(resolution)}`)
  }
  const monitor = startMonitor(millis)
  return {
    snapshot: async () => monitor.histogram.distribution,
    reset: async () => monitor.histogram.reset(),
    ...closable(async () => monitor.stop()),
  }
}
