/** The delay of a program's timers while something runs, which every other request of it would feel. */

/** Timers are set this far ahead; a loop with nothing to do calls them about this late again. */
export const tickMs = 1

export interface LoopDelay {
  /** Delays in milliseconds, as felt by work that arrives evenly over the time. */
  readonly stop: () => ReadonlyArray<number>
}

/**
 * The delays that a gap of `gapMs` between two ticks means. A loop that stood still for 100 ms delayed not one arrival
 * by 100 ms but each that came meanwhile by what was left: one for every tick that did not happen.
 */
export const delaysOf = (gapMs: number): ReadonlyArray<number> => {
  const delays: Array<number> = []
  for (let delay = Math.max(0, gapMs - tickMs); ; delay -= tickMs) {
    delays.push(delay)
    if (delay <= tickMs) return delays
  }
}

export const watchLoop = (): LoopDelay => {
  const gaps: Array<number> = []
  let last = performance.now()
  const tick = () => {
    const now = performance.now()
    gaps.push(now - last)
    last = now
    timer = setTimeout(tick, tickMs)
  }
  let timer = setTimeout(tick, tickMs)
  return {
    stop: () => {
      clearTimeout(timer)
      gaps.push(performance.now() - last)
      return gaps.flatMap(delaysOf)
    },
  }
}
