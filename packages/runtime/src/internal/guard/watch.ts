/** Watches the loop for stalls while some code runs, and names what stalled it. */
import { clearTimeout, setTimeout } from "node:timers"
import { now, Recorder } from "./recorder.ts"

/** A time in which the loop did nothing else, and the calls that took most of it, the innermost first. */
export interface Stall {
  readonly millis: number
  readonly calls: ReadonlyArray<string>
}

/** A watch that has begun. */
export interface Watch {
  /** Ends it, and says what it saw, the longest first. To be called once. */
  end(): Promise<ReadonlyArray<Stall>>
}

const recorder = new Recorder()

/** Begins to watch for stalls of more than `threshold` milliseconds. */
export const startWatch = async (threshold: number): Promise<Watch> => {
  const interval = Math.min(10, Math.max(1, threshold / 10))
  const spans: Array<readonly [number, number]> = []
  let last = now()
  const excuse = (): void => {
    last = now()
  }
  const look = (): void => {
    const at = now()
    // A stall begins at some time between two looks: only what is certain counts.
    if (at - last - interval > threshold) spans.push([last, at])
    last = at
  }
  const tick = (): void => {
    look()
    timer = setTimeout(tick, interval)
    timer.unref()
  }
  // A fiftieth of what counts, so that a stall has enough samples to tell what it was.
  await recorder.open(excuse, Math.max(100, Math.min(10_000, threshold * 20)))
  let timer = setTimeout(tick, interval)
  timer.unref()
  last = now()
  return {
    end: async () => {
      look()
      clearTimeout(timer)
      try {
        const calls = await recorder.stacks(spans)
        const stalls = spans.map(([from, to], index) => ({ millis: to - from - interval, calls: calls[index] ?? [] }))
        return stalls.sort((a, b) => b.millis - a.millis)
      } finally {
        await recorder.close(excuse)
      }
    },
  }
}
