/** Schedules of the Promise API: functions that say how long to wait. */
import { clearTimeout, setTimeout } from "node:timers"
import type { SupervisorInput } from "../internal/link/supervisor.ts"
import type { RestartReason } from "../Resident.ts"

/** How many milliseconds to wait before the object is opened again, or `undefined` where it is not. */
export type Ask = (reason: RestartReason, restarts: number) => number | undefined

const MOST = 5
const FIRST_MILLIS = 100
const WINDOW_MILLIS = 60_000

/** 100 ms, doubled each time, for at most 5 times; a minute without a question begins anew. As of the Effect API. */
export const askAsUsual = (now: () => number = () => performance.now()): Ask => {
  let times = 0
  let last = now()
  return () => {
    const at = now()
    if (at - last >= WINDOW_MILLIS) times = 0
    last = at
    return times < MOST ? FIRST_MILLIS * 2 ** times++ : undefined
  }
}

/** Waits as a function says. */
export const decideBy =
  (ask: Ask): SupervisorInput<never>["decide"] =>
  (reason, restarts, onDecision) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    const tell = (decision: Parameters<typeof onDecision>[0]): void => {
      if (!stopped) onDecision(decision)
    }
    try {
      const millis = ask(reason, restarts)
      if (millis === undefined) queueMicrotask(() => tell({ again: false }))
      else timer = setTimeout(() => tell({ again: true }), millis)
    } catch (failed) {
      queueMicrotask(() => tell({ failed }))
    }
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }
