/** One call, as the code that runs for it sees it: what it brought along, and where to tell what is to be told. */
import { arrived } from "./carried.ts"
import { defaultMinimum, type Level } from "./level.ts"
import type { MetricKey, MetricUpdate } from "./metric-key.ts"
import type { Here } from "./place.ts"
import type { Report } from "./records.ts"
import type { Sent } from "./sent.ts"

/** Where records go. */
export interface Outlet {
  /** Tells the loop, in order. `urgent`: at once, and not with what is sent next. */
  tell(scope: Scope, report: Report, urgent: boolean): void
  /** Tells of a metric, some time before the call's answer. */
  update(key: MetricKey, update: MetricUpdate): void
}

/** It is itself where the code begins. */
export abstract class Scope implements Here {
  /** The call's number, or 0 for what runs for no call. */
  readonly id: number
  readonly sent: Sent | undefined
  readonly annotations = undefined
  readonly logSpans = undefined
  readonly span = 0
  /** Whether its caller still waits for the answer. */
  open = true
  #annotations: ReadonlyMap<string, unknown> | undefined

  constructor(id: number, sent: Sent | undefined) {
    this.id = id
    this.sent = sent
  }

  abstract get outlet(): Outlet

  get scope(): Scope {
    return this
  }

  get minimumLevel(): Level {
    return this.sent?.minimumLevel ?? defaultMinimum
  }

  /** Whether spans are to be told of. */
  get traced(): boolean {
    return this.sent?.untraced !== true
  }

  /** The caller's log annotations. */
  get callerAnnotations(): ReadonlyMap<string, unknown> {
    this.#annotations ??= new Map(this.sent?.annotations?.map(([name, value]) => [name, arrived(value)]))
    return this.#annotations
  }
}

let spans = 0

/** A number for a new span of this thread. */
export const nextSpan = (): number => ++spans

/** Nanoseconds of the epoch. */
export const nanos = (): bigint => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6))
