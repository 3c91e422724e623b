/** Warns the process that something of the program threw when a worker's report was told to it. */
import { emitWarning } from "node:process"
import type { Report } from "./records.ts"

/** Such an error is neither the task's nor its caller's. */
export const warnOfTelemetry = ({ type }: Pick<Report, "type">, thrown: unknown): void => {
  const what = type === "log" ? "a Logger" : type === "metric" ? "a metric" : "the Tracer"
  const why = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  const warning = new Error(`${what} of the program threw when a worker's was told to it: ${why}`, { cause: thrown })
  warning.name = "OffloopWarning"
  emitWarning(warning)
}
