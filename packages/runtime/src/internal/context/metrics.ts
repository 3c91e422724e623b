/** Metrics of plain code: what they take is added to the program's metrics of the same name, description and tags. */
import type { MetricKey, MetricKind, MetricValue } from "./metric-key.ts"
import { here } from "./place.ts"

/** What tells metrics apart besides their kind and name. */
export interface MetricOptions {
  readonly description?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** A number that is added to. */
export interface Counter {
  /** Adds 1, or what is given. */
  readonly increment: (by?: number) => void
}

/** A number that is set. */
export interface Gauge {
  readonly set: (value: number) => void
  /** Adds to what the program's has. */
  readonly increment: (by?: number) => void
}

/** How often there were which words. */
export interface Frequency {
  readonly update: (word: string) => void
}

/** How values are distributed over buckets. */
export interface Histogram {
  readonly update: (value: number) => void
}

/** Quantiles of the last values. */
export interface Summary {
  readonly update: (value: number) => void
}

type Change = (how: "update" | "modify", value: MetricValue) => void

const metric = (name: string, kind: MetricKind, options: MetricOptions): Change => {
  const own = Object.entries(options.tags ?? {})
  const plain: MetricKey = { kind, name, description: options.description, tags: own }
  // A caller has labels of its own rarely, and the same ones for many calls.
  let labels: MetricKey["tags"] | undefined
  let labelled = plain
  return (how, value) => {
    const at = here()
    if (at === undefined) return
    const { metricTags } = at.scope.sent ?? {}
    if (metricTags === undefined) {
      at.scope.outlet.update(plain, [how, value])
      return
    }
    if (labels !== metricTags) {
      labels = metricTags
      labelled = { ...plain, tags: [...own, ...metricTags] }
    }
    at.scope.outlet.update(labelled, [how, value])
  }
}

/**
 * A counter of the program's, as Effect's `Metric.counter`: what is added here is added there, with the caller's metric
 * labels as further tags. Changes are told in one go, some time before the task's result. Without Offloop they are lost.
 *
 * ```ts
 * import { counter } from "@offloop/runtime/worker"
 *
 * const rows = counter("rows_read", { tags: { table: "users" } })
 *
 * export const read = (count: number): void => rows.increment(count)
 * ```
 */
export const counter = (name: string, options: MetricOptions & { readonly incremental?: boolean } = {}): Counter => {
  const change = metric(name, { type: "counter", bigint: false, incremental: options.incremental ?? false }, options)
  return { increment: (by = 1) => change("update", by) }
}

/** A gauge of the program's, as Effect's `Metric.gauge`. See `counter`. */
export const gauge = (name: string, options: MetricOptions = {}): Gauge => {
  const change = metric(name, { type: "gauge", bigint: false }, options)
  return { set: (value) => change("update", value), increment: (by = 1) => change("modify", by) }
}

/** A frequency of the program's, as Effect's `Metric.frequency`. See `counter`. */
export const frequency = (
  name: string,
  options: MetricOptions & { readonly preregisteredWords?: ReadonlyArray<string> } = {},
): Frequency => {
  const kind = { type: "frequency", preregisteredWords: options.preregisteredWords ?? [] } as const
  const change = metric(name, kind, options)
  return { update: (word) => change("update", [word, 1]) }
}

/**
 * A histogram of the program's, as Effect's `Metric.histogram`. See `counter`.
 *
 * @param options `boundaries`: the upper ends of the buckets, ascending; the last bucket, to infinity, is added
 */
export const histogram = (
  name: string,
  options: MetricOptions & { readonly boundaries: ReadonlyArray<number> },
): Histogram => {
  const boundaries = [...new Set(options.boundaries.filter((end) => end > 0)), Number.POSITIVE_INFINITY]
  const change = metric(name, { type: "histogram", boundaries }, options)
  return { update: (value) => change("update", value) }
}

/** A summary of the program's, as Effect's `Metric.summary`; `maxAge` is in milliseconds. See `counter`. */
export const summary = (
  name: string,
  options: MetricOptions & {
    readonly maxAge: number
    readonly maxSize: number
    readonly error: number
    readonly quantiles: ReadonlyArray<number>
  },
): Summary => {
  const { maxAge, maxSize, error, quantiles } = options
  const change = metric(name, { type: "summary", maxAge, maxSize, error, quantiles }, options)
  return { update: (value) => change("update", [value, Date.now()]) }
}
