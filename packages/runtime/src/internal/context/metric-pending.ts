/** What became of metrics and was not told yet: as few updates as come to the same. */
import type { MetricKey, MetricUpdate, MetricValue } from "./metric-key.ts"
import type { MetricRecord } from "./records.ts"

interface Changed {
  readonly key: MetricKey
  readonly updates: MetricUpdate[]
  /** Where the updates of a frequency's words are. */
  readonly words: Map<string, number> | undefined
}

/** So many updates of one metric are not kept longer. */
const FULL = 1024

export class Pending {
  readonly #changed = new Map<string, Changed>()
  readonly #names = new WeakMap<MetricKey, string>()

  /** Adds an update. Says whether there are so many by now that they are to be told. */
  add(key: MetricKey, update: MetricUpdate): boolean {
    let name = this.#names.get(key)
    if (name === undefined) {
      name = JSON.stringify(key)
      this.#names.set(key, name)
    }
    let changed = this.#changed.get(name)
    if (changed === undefined) {
      changed = { key, updates: [], words: key.kind.type === "frequency" ? new Map() : undefined }
      this.#changed.set(name, changed)
    }
    merge(changed, update)
    return changed.updates.length >= FULL
  }

  /** Gives all and forgets them. */
  take(): ReadonlyArray<MetricRecord> {
    if (this.#changed.size === 0) return none
    const records: MetricRecord[] = []
    for (const { key, updates } of this.#changed.values()) records.push({ type: "metric", key, updates })
    this.#changed.clear()
    return records
  }
}

const none: ReadonlyArray<MetricRecord> = []

const merge = ({ key: { kind }, updates, words }: Changed, [how, value]: MetricUpdate): void => {
  const last = updates.length - 1
  const [lastHow, lastValue] = updates[last] ?? []
  switch (kind.type) {
    case "counter":
      // An incremental counter takes no part in a negative number, but would in a sum.
      if (kind.incremental && (value as number) < 0) return
      if (lastValue === undefined) updates.push([how, value])
      else updates[last] = [how, sum(lastValue, value)]
      return
    case "gauge":
      if (how === "update") {
        updates.length = 0
        updates.push([how, value])
      } else if (lastHow === undefined || lastValue === undefined) updates.push([how, value])
      else updates[last] = [lastHow, sum(lastValue, value)]
      return
    case "frequency": {
      const [word, count] = value as readonly [string, number]
      const at = words?.get(word)
      const [, known] = at === undefined ? [] : (updates[at] as MetricUpdate)
      if (at !== undefined && known !== undefined) {
        updates[at] = [how, [word, (known as readonly [string, number])[1] + count]]
      } else {
        words?.set(word, updates.length)
        updates.push([how, [word, count]])
      }
      return
    }
    case "histogram":
    case "summary":
      updates.push([how, value])
  }
}

const sum = (left: MetricValue, right: MetricValue): MetricValue =>
  typeof left === "bigint" ? left + (right as bigint) : (left as number) + (right as number)
