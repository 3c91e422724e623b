/** Metrics of Effect: from what a worker tells to the program's registry, and from a worker's registry to what is told. */
import * as Duration from "effect/Duration"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as MetricHook from "effect/MetricHook"
import * as Key from "effect/MetricKey"
import * as KeyType from "effect/MetricKeyType"
import * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import type { MetricKey, MetricKind, MetricUpdate, MetricValue } from "./metric-key.ts"
import type { MetricRecord } from "./records.ts"

type AnyKey = Key.MetricKey.Untyped
type AnyHook = MetricHook.MetricHook<unknown, unknown>

/** Does to the program's metric what was done in the worker. */
export const applyMetric = ({ key, updates }: MetricRecord): void => {
  const hook = hookOf(key)
  for (const [how, value] of updates) {
    if (key.kind.type === "frequency") {
      const [word, count] = value as readonly [string, number]
      for (let n = 0; n < count; n++) hook[how](word)
    } else hook[how](value)
  }
}

const hookOf = (key: MetricKey): AnyHook =>
  key.kind.type === "histogram" || key.kind.type === "summary" ? bucketed(key) : registered(key)

/** Histograms and summaries that workers have told of, by everything that tells them apart. */
const adopted = new Map<string, AnyHook>()

// To Effect two of them with the same buckets are two, unless they were made of the same object. The program has one object
// and a worker another, so it is seen to that they are one metric, whichever side is first.
const bucketed = (key: MetricKey): AnyHook => {
  const name = JSON.stringify(key)
  const known = adopted.get(name)
  if (known !== undefined) return known
  if (adopted.size === 0) adopt()
  const registry = Metric.globalMetricRegistry
  const own = registry.snapshot().find(({ metricKey }) => nameOf(metricKey) === name)
  const hook = own === undefined ? registered(key) : (registry.get(own.metricKey) as AnyHook)
  adopted.set(name, hook)
  return hook
}

const adopt = (): void => {
  const registry = Metric.globalMetricRegistry
  const get = registry.get.bind(registry)
  registry.get = ((effect: AnyKey) => adopted.get(nameOf(effect) ?? "") ?? get(effect)) as typeof registry.get
}

const nameOf = (effect: AnyKey): string | undefined =>
  KeyType.isHistogramKey(effect.keyType) || KeyType.isSummaryKey(effect.keyType)
    ? JSON.stringify(plainKey(effect))
    : undefined

const registered = (key: MetricKey): AnyHook => {
  const labels = key.tags.map(([name, value]) => MetricLabel.make(name, value))
  return Metric.globalMetricRegistry.get(Key.taggedWithLabels(effectKey(key), labels)) as AnyHook
}

const effectKey = ({ name, kind, description }: MetricKey): AnyKey => {
  switch (kind.type) {
    case "counter":
      return kind.bigint
        ? Key.counter(name, { description, bigint: true, incremental: kind.incremental })
        : Key.counter(name, { description, incremental: kind.incremental })
    case "gauge":
      return kind.bigint ? Key.gauge(name, { description, bigint: true }) : Key.gauge(name, { description })
    case "frequency":
      return Key.frequency(name, { description, preregisteredWords: kind.preregisteredWords })
    case "histogram":
      return Key.histogram(name, MetricBoundaries.fromIterable(kind.boundaries), description)
    case "summary":
      return Key.summary({
        name,
        maxAge: Duration.millis(kind.maxAge),
        maxSize: kind.maxSize,
        error: kind.error,
        quantiles: kind.quantiles,
        description,
      })
  }
}

/** From now on `onUpdate` is told what becomes of this thread's metrics. */
export const watchMetrics = (onUpdate: (key: MetricKey, update: MetricUpdate) => void): void => {
  const registry = Metric.globalMetricRegistry
  const get = registry.get.bind(registry)
  const watched = new Map<unknown, AnyHook>()
  registry.get = ((effect: AnyKey) => {
    const hook = get(effect) as AnyHook
    let watching = watched.get(hook)
    if (watching === undefined) {
      watching = watch(hook, effect, onUpdate)
      watched.set(hook, watching)
    }
    return watching
  }) as typeof registry.get
}

const watch = (hook: AnyHook, effect: AnyKey, onUpdate: (key: MetricKey, update: MetricUpdate) => void): AnyHook => {
  const key = plainKey(effect)
  if (key === undefined) return hook
  const value = key.kind.type === "frequency" ? (word: unknown): MetricValue => [word as string, 1] : asValue
  return {
    ...hook,
    update: (input) => {
      hook.update(input)
      onUpdate(key, ["update", value(input)])
    },
    modify: (input) => {
      hook.modify(input)
      onUpdate(key, ["modify", value(input)])
    },
  }
}

const asValue = (input: unknown): MetricValue => input as MetricValue

/** `undefined` for what is about this thread's Effect alone: how many fibers it has. */
const plainKey = ({ name, description, tags, keyType }: AnyKey): MetricKey | undefined => {
  if (name.startsWith("effect_fiber_")) return undefined
  const kind = kindOf(keyType)
  return (
    kind && {
      kind,
      name,
      description: Option.getOrUndefined(description),
      tags: tags.map(({ key, value }) => [key, value] as const),
    }
  )
}

const kindOf = (type: unknown): MetricKind | undefined => {
  if (KeyType.isCounterKey(type)) {
    const { bigint, incremental } = type as typeof type & Flags
    return { type: "counter", bigint, incremental }
  }
  if (KeyType.isGaugeKey(type)) return { type: "gauge", bigint: (type as typeof type & Flags).bigint }
  if (KeyType.isFrequencyKey(type)) return { type: "frequency", preregisteredWords: type.preregisteredWords }
  if (KeyType.isHistogramKey(type)) return { type: "histogram", boundaries: type.boundaries.values }
  if (KeyType.isSummaryKey(type)) {
    const { maxAge, maxSize, error, quantiles } = type
    return { type: "summary", maxAge: Duration.toMillis(maxAge), maxSize, error, quantiles }
  }
  return undefined
}

interface Flags {
  readonly bigint: boolean
  readonly incremental: boolean
}
