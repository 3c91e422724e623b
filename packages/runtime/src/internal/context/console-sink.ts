/**
 * The telemetry sink of objects that were opened without Effect. What runs for a caller with means of its own, a fiber, is
 * told to those. Of the rest logs go to the console, metrics to Effect's registry, which is loaded for
 * the first of them. Nobody can look at spans without Effect, so they are dropped.
 */
import { arrived } from "./carried.ts"
import { defaultMinimum, reaches } from "./level.ts"
import { logLine } from "./log-line.ts"
import type { LogRecord, MetricRecord, Report } from "./records.ts"
import type { Caller } from "./sent.ts"
import type { TelemetrySink } from "./telemetry-sink.ts"
import { warnOfTelemetry } from "./telemetry-warning.ts"

export class ConsoleSink implements TelemetrySink {
  /** Takes the reports of callers that have means of their own. */
  #others: TelemetrySink | undefined

  take(caller: Caller | undefined, report: Report): void {
    if (caller?.openSink !== undefined) {
      this.#others ??= caller.openSink()
      this.#others.take(caller, report)
      return
    }
    try {
      if (report.type === "log") writeLog(caller, report)
      else if (report.type === "metric") applyInOrder(report)
    } catch (thrown) {
      warnOfTelemetry(report, thrown)
    }
  }

  end(reason: unknown): void {
    this.#others?.end(reason)
  }
}

const writeLog = (caller: Caller | undefined, record: LogRecord): void => {
  const { level, message, cause, time } = record
  const minimum = caller?.sent?.minimumLevel ?? defaultMinimum
  if (!reaches(level, minimum)) return
  const annotations = (record.annotations ?? caller?.sent?.annotations ?? []).map(
    ([key, value]) => [key, arrived(value)] as const,
  )
  const spans = record.spans ?? caller?.sent?.logSpans
  // As Effect's default logger.
  console.log(logLine({ level, message: message.map(arrived), cause, annotations, spans, time }))
}

type Registry = typeof import("./metric-registry.ts")

let registry: Registry | undefined
/** Records that wait for the registry. */
let waiting: MetricRecord[] = []

const applyInOrder = (record: MetricRecord): void => {
  if (registry !== undefined) {
    registry.applyMetric(record)
    return
  }
  waiting.push(record)
  if (waiting.length === 1) loadRegistry()
}

const loadRegistry = (): void => {
  import("./metric-registry.ts").then(
    (loaded) => {
      registry = loaded
      for (const record of takeWaiting()) {
        try {
          loaded.applyMetric(record)
        } catch (thrown) {
          warnOfTelemetry(record, thrown)
        }
      }
    },
    (thrown: unknown) => {
      takeWaiting()
      warnOfTelemetry({ type: "metric" }, thrown)
    },
  )
}

const takeWaiting = (): ReadonlyArray<MetricRecord> => {
  const records = waiting
  waiting = []
  return records
}
