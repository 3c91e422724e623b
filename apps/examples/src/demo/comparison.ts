import { drawTable } from "../terminal/table.ts"
import { drawHeartbeat, type Heartbeat, heartbeatMs } from "./heartbeat.ts"

/** The measurements of one placement while it did the work. */
export interface PlacementReport {
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly aggregateMs: number
  readonly queriesPerSecond: number
  readonly elapsedMs: number
  readonly heartbeat: Heartbeat
}

const placements = ["inline", "worker"] as const

/** Both placements' reports. */
export type Comparison = Readonly<Record<(typeof placements)[number], PlacementReport>>

const bar = (share: number, width: number): string => "█".repeat(Math.max(1, Math.round(share * width)))

/** Numbers of both placements side by side. */
export const drawNumbers = (comparison: Comparison): string =>
  drawTable(
    placements.map((placement) => {
      const { loopDelayMs, aggregateMs, queriesPerSecond } = comparison[placement]
      return {
        placement,
        "loop delay p50 (ms)": loopDelayMs.p50.toFixed(1),
        "p99 (ms)": loopDelayMs.p99.toFixed(1),
        "max (ms)": loopDelayMs.max.toFixed(1),
        "small queries/s": Math.round(queriesPerSecond),
        "aggregate (ms)": Math.round(aggregateMs),
      }
    }),
  )

/** The delays of the loop on one time line, and the queries that it answered per second. */
export const drawChart = (comparison: Comparison, columns: number): string => {
  const width = Math.max(20, Math.min(80, columns - 12))
  const longestMs = Math.max(...placements.map((placement) => comparison[placement].elapsedMs))
  const most = Math.max(...placements.map((placement) => comparison[placement].queriesPerSecond))
  const lively = placements.map((placement) => {
    const { heartbeat, elapsedMs } = comparison[placement]
    const ownWidth = Math.max(1, Math.round((width * elapsedMs) / longestMs))
    return `  ${placement}  ${drawHeartbeat(heartbeat, elapsedMs, ownWidth)}`
  })
  const sliceMs = Math.max(1, Math.round(longestMs / width))
  const fast = placements.map((placement) => {
    const { queriesPerSecond } = comparison[placement]
    return `  ${placement}  ${bar(queriesPerSecond / most, width - 10)} ${Math.round(queriesPerSecond)}`
  })
  return [
    `A timer of the event loop, due every ${heartbeatMs} ms; one mark for each ${sliceMs} ms, a dot where it never ticked`,
    ...lively,
    "Small queries answered per second, asked at the same moment as the aggregate",
    ...fast,
  ].join("\n")
}
