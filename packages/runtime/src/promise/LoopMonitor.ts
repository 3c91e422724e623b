/** `LoopMonitor` for programs without Effect: how long the event loop keeps its events waiting. */
import * as Effects from "../LoopMonitor.ts"
import { closable, facadeOf } from "./adapter.ts"
import { callerOf, open as openScoped } from "./run.ts"

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
 * Watches the loop that it is opened on until it is closed.
 *
 * ```ts
 * import { LoopMonitor } from "@offloop/runtime/promise"
 *
 * await using monitor = await LoopMonitor.open({ resolution: "5 millis" })
 * const { p50, p99, max } = await monitor.snapshot()
 * ```
 */
export const open = async (options: Effects.Options = {}): Promise<LoopMonitor> => {
  const { value, close } = await openScoped(Effects.make(options), undefined, callerOf(open))
  return facadeOf(value, closable(close)) as LoopMonitor
}
