/** Monitors of the event loop, and whoever else wants to know the delays of all of them. */
import { Histogram } from "./histogram.ts"
import { startTicker } from "./ticker.ts"

/** A running monitor. */
export interface Monitor {
  readonly histogram: Histogram
  stop(): void
}

type OnDelay = (millis: number) => void

let tell: OnDelay = () => {}

/** Is told each delay of all monitors, in milliseconds. One listener: the metric of Effect, where it is loaded. */
export const onEveryDelay = (listener: OnDelay): void => {
  tell = listener
}

/** Watches the loop. `resolution`: how often to look, in milliseconds; at least 1. */
export const startMonitor = (resolution: number): Monitor => {
  const histogram = new Histogram()
  const report = (millis: number): void => {
    histogram.record(millis)
    tell(millis)
  }
  const { stop } = startTicker(Math.max(1, resolution), () => performance.now(), report)
  return { histogram, stop }
}
