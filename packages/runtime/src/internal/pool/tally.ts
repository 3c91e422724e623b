/** What a pool counts, and what of it others can see. */
import { type Distribution, Histogram } from "../monitor/histogram.ts"
import type { Gauge } from "./gauge.ts"

/** Why a thread is not there any more. */
export type Retirement =
  /** It had nothing to do for the idle timeout. */
  | "idle"
  /** It had run as many tasks as one thread may. */
  | "count"
  /** It used more of its heap than it may. */
  | "memory"
  /** A task that was left behind outlived its grace. */
  | "abandoned"
  /** It ended while it was needed. */
  | "crashed"
  /** It could not be opened or warmed up. */
  | "failed"
  /** What it ran was interrupted, and it was killed for that: a process. */
  | "killed"
  /** The pool closed. */
  | "shutdown"

/** How a task's stay in the pool ended. */
export type Outcome = "completed" | "failed" | "interrupted"

/** Everything that a pool knows of itself, at one moment. Counts are since the layer was built. */
export interface PoolStats {
  /** The pool's name. */
  readonly name: string
  /** Threads, starting ones included; not those that were terminated. */
  readonly threads: number
  /** Threads that have nothing to do. */
  readonly idle: number
  /** Tasks that have a token and wait for a thread. */
  readonly queued: number
  /** Tasks that run, those that were left behind included. */
  readonly running: number
  /** Threads that were started. */
  readonly started: number
  /** Threads that ended, by reason. */
  readonly retired: Readonly<Record<Retirement, number>>
  /**
   * Tasks that ended, by outcome. `failed`: its effect fails; `interrupted`: its caller was interrupted, before it began or
   * while it ran.
   */
  readonly tasks: Readonly<Record<Outcome, number>>
  /** How long tasks waited for a thread, from their token to their beginning, in milliseconds, as the loop sees it. */
  readonly wait: Distribution
  /**
   * How long tasks ran, in milliseconds, measured in the thread: without the way there and back. Of a stream, measured on
   * the loop, until its iterator has ended.
   */
  readonly run: Distribution
  /** How long threads were there and ready, all together, in milliseconds. */
  readonly threadMillis: number
  /** How much of that they had something to do, in milliseconds. */
  readonly busyMillis: number
  /** The share of it, from 0 to 1. For a window of time, take the difference of two looks. */
  readonly utilisation: number
}

export class Tally {
  started = 0
  readonly retired: Record<Retirement, number> = {
    idle: 0,
    count: 0,
    memory: 0,
    abandoned: 0,
    crashed: 0,
    failed: 0,
    killed: 0,
    shutdown: 0,
  }
  readonly tasks: Record<Outcome, number> = { completed: 0, failed: 0, interrupted: 0 }
  readonly wait = new Histogram()
  /** Of threads that are gone, and of streams. */
  readonly run = new Histogram()
  /** Of threads that are gone. */
  threadMillis = 0
  busyMillis = 0

  /** The run times of all threads. */
  runOf(gauges: Iterable<Gauge>): Histogram {
    const all = new Histogram()
    all.add(this.run)
    for (const gauge of gauges) all.add(gauge.run)
    return all
  }
}
