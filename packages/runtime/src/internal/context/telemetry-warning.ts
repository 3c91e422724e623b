/** Warnings of the process about what code in workers reports: neither the task's errors nor its caller's. */
import { emitWarning } from "node:process"
import { describe } from "../transport/portrait.ts"
import type { Report } from "./records.ts"

/** Warns of what a logger, tracer or metric of the program threw when a report was told to it. */
export const warnOfTelemetry = ({ type }: Pick<Report, "type">, thrown: unknown): void => {
  const what = type === "log" ? "a Logger" : type === "metric" ? "a metric" : "the Tracer"
  warn(`${what} of the program threw when a worker's was told to it`, thrown)
}

/** Warns that a report has arrived which cannot be read. */
export const warnOfLostReport = (thrown: unknown): void =>
  warn("what code in a worker reported, a log or a span, could not be read", thrown)

const warn = (problem: string, thrown: unknown): void => {
  const warning = new Error(`${problem}: ${describe(thrown)}`, { cause: thrown })
  warning.name = "OffloopWarning"
  emitWarning(warning)
}
