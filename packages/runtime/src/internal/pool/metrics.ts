/** The pools' statistics as metrics of Effect. */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

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
