/**
 * The pools' statistics as metrics of Effect, and what keeps them up to date. A call pays nothing for it: what changed is
 * added up by a timer, which is there only while something changes.
 */
import { clearTimeout, setTimeout } from "node:timers"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricLabel from "effect/MetricLabel"
import { Histogram } from "../monitor/histogram.ts"
import { type Observer, observePools } from "./observers.ts"
import type { PoolStats } from "./tally.ts"
import type { ThreadPool } from "./thread-pool.ts"

// From a twentieth of a millisecond to a minute and a half.
const boundaries = MetricBoundaries.exponential({ start: 0.05, factor: 2, count: 22 })

/**
 * The pools' statistics as metrics. Each has the tags `pool`, the pool's name, and `placement`: `blocking`, `async`, …
 * They follow what happens within a quarter of a second, and at once when `OffLoop.stats` is asked for.
 */
export const metrics = {
  /** `offloop_pool_threads`: threads, starting ones included. */
  threads: Metric.gauge("offloop_pool_threads", { description: "Threads, starting ones included" }),
  /** `offloop_pool_idle_threads`: threads that have nothing to do. */
  idleThreads: Metric.gauge("offloop_pool_idle_threads", { description: "Threads that have nothing to do" }),
  /** `offloop_pool_queued_tasks`: tasks that have a token and wait for a thread. */
  queuedTasks: Metric.gauge("offloop_pool_queued_tasks", { description: "Tasks that wait for a thread" }),
  /** `offloop_pool_running_tasks`: tasks that run. */
  runningTasks: Metric.gauge("offloop_pool_running_tasks", { description: "Tasks that run" }),
  /** `offloop_pool_utilisation`: the share of the threads' time, since the gauge was last set, in which they were busy. */
  utilisation: Metric.gauge("offloop_pool_utilisation", { description: "Share of time in which threads were busy" }),
  /** `offloop_pool_started_threads`: threads that were started. */
  startedThreads: Metric.counter("offloop_pool_started_threads", {
    description: "Threads that were started",
    incremental: true,
  }),
  /** `offloop_pool_retired_threads`: threads that ended; the tag `reason` says why: `idle`, `crashed`, … */
  retiredThreads: Metric.counter("offloop_pool_retired_threads", {
    description: "Threads that ended, by reason",
    incremental: true,
  }),
  /** `offloop_pool_tasks`: tasks that ended; the tag `outcome` says how: `completed`, `failed` or `interrupted`. */
  tasks: Metric.counter("offloop_pool_tasks", { description: "Tasks that ended, by outcome", incremental: true }),
  /** `offloop_pool_wait_ms`: how long tasks waited for a thread, in milliseconds. */
  wait: Metric.histogram("offloop_pool_wait_ms", boundaries, "How long tasks waited for a thread, in milliseconds"),
  /** `offloop_pool_run_ms`: how long tasks ran, in milliseconds. */
  run: Metric.histogram("offloop_pool_run_ms", boundaries, "How long tasks ran, in milliseconds"),
}

/** How long a change may go unseen, in milliseconds. */
const interval = 250

type Tags = ReadonlyArray<MetricLabel.MetricLabel>

export class Publisher implements Observer {
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

/** Keeps the metrics of all pools up to date from now on. */
export const publishPools = (): void => observePools((pool, placement) => new Publisher(pool, placement))

// Whoever looks at the metrics may have pools of another entry alone.
publishPools()
