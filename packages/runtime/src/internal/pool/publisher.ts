/**
 * Keeps the metrics of a pool up to date. A call pays nothing for it: what changed is added up by a timer, which is there
 * only while something changes.
 */
import { clearTimeout, setTimeout } from "node:timers"
import * as MetricLabel from "effect/MetricLabel"
import { Histogram } from "../monitor/histogram.ts"
import { metrics } from "./metrics.ts"
import type { PoolStats } from "./tally.ts"
import type { ThreadPool } from "./thread-pool.ts"

/** How long a change may go unseen, in milliseconds. */
const interval = 250

type Tags = ReadonlyArray<MetricLabel.MetricLabel>

export class Publisher {
  readonly #pool: ThreadPool
  // The same lists each time: a metric finds what it counts by their identity.
  readonly #tags: Tags
  readonly #more = new Map<string, Tags>()
  #last: PoolStats | undefined
  #wait = new Histogram()
  #run = new Histogram()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(pool: ThreadPool, placement: string) {
    this.#pool = pool
    this.#tags = [MetricLabel.make("pool", pool.name), MetricLabel.make("placement", placement)]
    pool.onTouched = () => this.#updateSoon()
  }

  #updateSoon(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.update(), interval)
    // The program need not wait for it.
    this.#timer.unref()
  }

  /** Brings the metrics up to date, and gives what they are made of. */
  update(): PoolStats {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const stats = this.#pool.fresh
    const last = this.#last
    this.#last = stats
    metrics.threads.unsafeUpdate(stats.threads, this.#tags)
    metrics.idleThreads.unsafeUpdate(stats.idle, this.#tags)
    metrics.queuedTasks.unsafeUpdate(stats.queued, this.#tags)
    metrics.runningTasks.unsafeUpdate(stats.running, this.#tags)
    const threadMillis = stats.threadMillis - (last?.threadMillis ?? 0)
    const busyMillis = stats.busyMillis - (last?.busyMillis ?? 0)
    metrics.utilisation.unsafeUpdate(threadMillis > 0 ? busyMillis / threadMillis : 0, this.#tags)
    this.#count(metrics.startedThreads, stats.started - (last?.started ?? 0), this.#tags)
    this.#countEach(metrics.retiredThreads, "reason", stats.retired, last?.retired)
    this.#countEach(metrics.tasks, "outcome", stats.tasks, last?.tasks)
    this.#wait = this.#spread(metrics.wait, this.#pool.waitTimes, this.#wait)
    this.#run = this.#spread(metrics.run, this.#pool.runTimes, this.#run)
    return stats
  }

  /** Brings the metrics up to date for the last time. */
  close(): void {
    this.update()
    this.#pool.onTouched = undefined
  }

  #count(counter: typeof metrics.tasks, more: number, tags: Tags): void {
    if (more > 0) counter.unsafeUpdate(more, tags)
  }

  #countEach(
    counter: typeof metrics.tasks,
    tag: string,
    counts: Readonly<Record<string, number>>,
    before: Readonly<Record<string, number>> | undefined,
  ): void {
    for (const [value, count] of Object.entries(counts)) {
      this.#count(counter, count - (before?.[value] ?? 0), this.#with(tag, value))
    }
  }

  #with(tag: string, value: string): Tags {
    const key = `${tag}=${value}`
    let tags = this.#more.get(key)
    if (tags === undefined) {
      tags = [...this.#tags, MetricLabel.make(tag, value)]
      this.#more.set(key, tags)
    }
    return tags
  }

  /** Tells a metric what is new in a histogram. Gives what there is now. */
  #spread(metric: typeof metrics.wait, now: Histogram, before: Histogram): Histogram {
    if (now.count === before.count) return before
    now.since(before, (millis, count) => {
      for (let more = count; more > 0; more--) metric.unsafeUpdate(millis, this.#tags)
    })
    const copy = new Histogram()
    copy.add(now)
    return copy
  }
}
