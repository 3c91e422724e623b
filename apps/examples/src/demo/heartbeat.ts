import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** When a timer of the loop ticked, on the clock of `performance.now()`. */
export interface Heartbeat {
  readonly startedAt: number
  readonly ticks: ReadonlyArray<number>
}

/** The time between two ticks of the timer, in milliseconds. */
export const heartbeatMs = 5

/** A timer that notes each of its ticks until the scope closes. What blocks the loop leaves a hole in them. */
export const startHeartbeat: Effect.Effect<Heartbeat, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const ticks: Array<number> = []
      const timer = setInterval(() => ticks.push(performance.now()), heartbeatMs)
      return { heartbeat: { startedAt: performance.now(), ticks }, timer }
    }),
    ({ timer }) => Effect.sync(() => clearInterval(timer)),
  ),
  ({ heartbeat }) => heartbeat,
)

const levels = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const

/**
 * Draws how lively a timer was: one mark for each of `width` equal slices of `durationMs`, as high as the share of the
 * ticks due in the slice that came. A dot is a slice in which the loop did nothing but what blocked it.
 */
export const drawHeartbeat = (heartbeat: Heartbeat, durationMs: number, width: number): string => {
  const slices = new Array<number>(width).fill(0)
  const sliceMs = durationMs / width
  for (const tick of heartbeat.ticks) {
    const slice = Math.floor((tick - heartbeat.startedAt) / sliceMs)
    if (slice >= 0 && slice < width) slices[slice] = (slices[slice] ?? 0) + 1
  }
  const due = Math.max(1, sliceMs / heartbeatMs)
  const top = levels.length - 1
  return slices
    .map((ticks) => levels[ticks === 0 ? 0 : Math.max(1, Math.min(top, Math.round((ticks / due) * top)))])
    .join("")
}
