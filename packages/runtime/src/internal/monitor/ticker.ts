/** Measures how late an event loop is, with nothing but a timer, so that it works on every runtime. */
import { clearTimeout, setTimeout } from "node:timers"

export interface Ticker {
  stop(): void
}

/**
 * Ticks every `resolution` milliseconds and reports how long an event that arrives at each moment would have waited.
 *
 * A tick that is late by no more than the resolution is reported as its lateness. A longer gap is a stall: it is
 * reported in full, from the last tick on, and then once for each tick that it swallowed, each a resolution shorter,
 * because events that arrive during a stall wait for what is left of it. Without this, one stall would be one sample
 * among thousands.
 */
export const startTicker = (resolution: number, now: () => number, report: (millis: number) => void): Ticker => {
  let last = now()
  const tick = (): void => {
    const at = now()
    const gap = at - last
    const late = Math.max(0, gap - resolution)
    if (late <= resolution) report(late)
    else for (let wait = gap; wait > 0; wait -= resolution) report(wait)
    last = at
    timer = setTimeout(tick, resolution)
    timer.unref()
  }
  let timer = setTimeout(tick, resolution)
  timer.unref()
  return { stop: () => clearTimeout(timer) }
}
