/** What a call takes along from its caller's fiber to where its code runs. Plain data. */
import type { Carried } from "./carried.ts"
import type { Level } from "./level.ts"
import type { TelemetrySink } from "./telemetry-sink.ts"

/** The span in which a call was made. */
export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
  /** Its name, where the program's tracer has it, so that attributes can be added to it. */
  readonly name: string | undefined
}

/** Only what is not as it is by default is there; a call that takes nothing along has none of this. */
export interface Sent {
  readonly annotations?: ReadonlyArray<readonly [key: string, value: Carried]>
  readonly minimumLevel?: Level
  /** The nearest first. */
  readonly logSpans?: ReadonlyArray<readonly [label: string, startTime: number]>
  readonly span?: SentSpan
  readonly untraced?: true
  readonly metricTags?: ReadonlyArray<readonly [key: string, value: string]>
  /** The values of crossing refs by the refs' keys. */
  readonly refs?: ReadonlyArray<readonly [key: string, value: unknown]>
}

/** Who made a call, as a link sees it. */
export interface Caller {
  readonly sent: Sent | undefined
  /** A crossing ref whose value could not be encoded, and what its `encode` threw. The call cannot be made. */
  readonly refused: { readonly key: string; readonly thrown: unknown } | undefined
  /** Opens what takes the reports of code that runs for callers of this kind. Where there is none they go to the console. */
  openSink?(): TelemetrySink
  /** From now on the fiber does other things, and what was known of it at the call is to be kept. */
  keep(): void
}
