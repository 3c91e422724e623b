/** What code that runs for a call has to say besides its result. Plain data, told to the loop in order. */
import type { Carried, CarriedEntries } from "./carried.ts"
import { rendered, renderedEntries } from "./carried.ts"
import { type CarriedCause, causeInText } from "./cause.ts"
import type { Level } from "./level.ts"
import type { MetricKey, MetricUpdate } from "./metric-key.ts"

/** A log entry. */
export interface LogRecord {
  readonly type: "log"
  readonly level: Level
  readonly message: ReadonlyArray<Carried>
  readonly cause: CarriedCause | undefined
  /** `undefined`: those of the caller. */
  readonly annotations: CarriedEntries | undefined
  /** `undefined`: those of the caller. */
  readonly spans: ReadonlyArray<readonly [label: string, startTime: number]> | undefined
  /** Milliseconds of the epoch. */
  readonly time: number
  /** In which span it was made. */
  readonly span: number
}

/** Whose span it is: one of the code's own by its number, the caller's (0), or one of another system. */
export type SpanReference = number | readonly [traceId: string, spanId: string, sampled: boolean]

/** A link between spans. */
export interface LinkRecord {
  readonly span: SpanReference
  readonly attributes: CarriedEntries
}

/** A span began. Times are nanoseconds of the epoch. */
export interface SpanStart {
  readonly type: "spanStart"
  readonly span: number
  readonly name: string
  readonly parent: SpanReference | undefined
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer"
  readonly links: ReadonlyArray<LinkRecord>
  readonly time: bigint
}

export interface SpanAttributes {
  readonly type: "spanAttributes"
  readonly span: number
  readonly attributes: CarriedEntries
}

export interface SpanEvent {
  readonly type: "spanEvent"
  readonly span: number
  readonly name: string
  readonly time: bigint
  readonly attributes: CarriedEntries
}

export interface SpanLinks {
  readonly type: "spanLinks"
  readonly span: number
  readonly links: ReadonlyArray<LinkRecord>
}

export interface SpanEnd {
  readonly type: "spanEnd"
  readonly span: number
  readonly time: bigint
  /** Why it failed, or `undefined` where it did not. */
  readonly cause: CarriedCause | undefined
}

/** What became of a metric since the last record of it. */
export interface MetricRecord {
  readonly type: "metric"
  readonly key: MetricKey
  readonly updates: ReadonlyArray<MetricUpdate>
}

/** The code's thread can make records at any time from now on. */
export interface Hello {
  readonly type: "hello"
}

export type Report = LogRecord | SpanStart | SpanAttributes | SpanEvent | SpanLinks | SpanEnd | MetricRecord | Hello

/** Whether a message's value can be one: code in a process can send messages of its own. */
export const isReport = (value: unknown): value is Report =>
  typeof value === "object" && value !== null && typeof (value as Partial<Report>).type === "string"

/** A record with what cannot cross replaced by text; with `inWords`, everything. */
export const renderedReport = (report: Report, render = rendered): Report => {
  switch (report.type) {
    case "log":
      return {
        ...report,
        message: report.message.map((part) => render(part)),
        annotations: report.annotations && renderedEntries(report.annotations, render),
        ...(render === rendered || report.cause === undefined ? {} : { cause: causeInText(report.cause) }),
      }
    case "spanStart":
    case "spanLinks":
      return { ...report, links: report.links.map((link) => renderedLink(link, render)) }
    case "spanAttributes":
    case "spanEvent":
      return { ...report, attributes: renderedEntries(report.attributes, render) }
    case "spanEnd":
      return render === rendered || report.cause === undefined
        ? report
        : { ...report, cause: causeInText(report.cause) }
    case "metric":
    case "hello":
      return report
  }
}

const renderedLink = ({ span, attributes }: LinkRecord, render: typeof rendered): LinkRecord => ({
  span,
  attributes: renderedEntries(attributes, render),
})
