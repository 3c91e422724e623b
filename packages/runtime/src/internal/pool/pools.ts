/** The pools of one program or layer, and which of them runs what. Plain TypeScript. */
import { inlineBackend } from "../backend/available.ts"
import type { BackendService } from "../backend/service.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import type { Link } from "../link/link.ts"
import { startLink } from "../link/start.ts"
import type { ProcessNumbers, ProcessSettings } from "../process/options.ts"
import type { OnLine } from "../process/process-link.ts"
import { startProcessLink } from "../process/start.ts"
import { everlasting, type Limits } from "./limits.ts"
import { ObservedPool } from "./observers.ts"
import type { Settings } from "./options.ts"
import type { Placement } from "./run-options.ts"
import type { PoolStats } from "./tally.ts"
import { type PoolOptions, type StartError, ThreadPool } from "./thread-pool.ts"

/** How many tasks a thread is given ahead. */
const AHEAD = 64

/** How many tokens the default limiter of a pool has. */
export const defaultTokens = ({ maxThreads }: Pick<Settings, "maxThreads">): number => maxThreads * AHEAD

/** What the pools know of themselves, at one moment. */
export interface Stats {
  /** The threads of `runSync` and `stream`. */
  readonly blocking: PoolStats
  /** The threads of `run`. */
  readonly async: PoolStats
  /** What runs with the placement `"inline"`: the loop's own thread, as a pool of one. */
  readonly inline: PoolStats
  /** What runs with the placement `"process"`: each of its threads is a process. */
  readonly process: PoolStats
}

/** What the pools are made of. */
export interface PoolsInput {
  readonly backend: BackendService
  readonly settings: Settings
  readonly processes: ProcessNumbers & ProcessSettings
  /** Makes what takes the reports of a new thread's code. */
  readonly telemetry: () => TelemetrySink
  /** Is told what a process writes while it runs no task. */
  readonly onLine: OnLine
}

export class Pools {
  readonly blocking: ThreadPool
  readonly async: ThreadPool
  readonly inline: ThreadPool
  readonly process: ThreadPool
  readonly #awaitReady: boolean
  readonly #observed: Readonly<Record<keyof Stats, ObservedPool>>

  constructor({ backend, settings, processes, telemetry, onLine }: PoolsInput) {
    const { awaitReady, threads, ...parsed } = settings
    const { name, shutdownMillis } = parsed
    this.#awaitReady = awaitReady
    const one = {
      ...parsed,
      ...(backend.inline ? everlasting : {}),
      depth: AHEAD,
      measured: true,
      inline: backend.inline,
    }
    const overlapping = { ...one, name: `${name}-async`, minThreads: 0, depth: Number.POSITIVE_INFINITY }
    // The loop's own thread is neither replaced nor ended.
    const onLoop = { ...overlapping, ...everlasting, name: `${name}-inline`, maxThreads: 1, inline: true }
    const { min, max, idleMillis } = processes
    // A process has one task at a time, which is what it is killed with, and it ends with what it is killed for.
    const size = {
      minThreads: min,
      maxThreads: max,
      idleMillis,
      depth: 1,
      shutdownMillis,
      measured: false,
      inline: backend.inline,
    }
    const inProcesses = { ...everlasting, ...size, name: `${name}-process` }
    const open = (start: (thread: string) => Link, options: PoolOptions & Limits, placement: string) =>
      new ObservedPool(new ThreadPool(start, options), placement)
    this.#observed = {
      blocking: open((thread) => startLink(backend, thread, "blocking", telemetry(), threads), one, "blocking"),
      async: open((thread) => startLink(backend, thread, "async", telemetry(), threads), overlapping, "async"),
      inline: open((thread) => startLink(inlineBackend, thread, "async", telemetry()), onLoop, "inline"),
      process: open(
        (thread) =>
          backend.inline
            ? startLink(backend, thread, "async", telemetry())
            : startProcessLink(backend, thread, "async", processes, onLine, telemetry()),
        inProcesses,
        "process",
      ),
    }
    this.blocking = this.#observed.blocking.pool
    this.async = this.#observed.async.pool
    this.inline = this.#observed.inline.pool
    this.process = this.#observed.process.pool
    if (!backend.inline) this.process.warm(() => {})
  }

  /**
   * Starts the threads that are always there. Tells when they are ready or the first that is not, or at once where nobody
   * asked to wait for them.
   */
  warm(onReady: (error: StartError | undefined) => void): void {
    if (this.#awaitReady) {
      this.blocking.warm(onReady)
      return
    }
    this.blocking.warm()
    onReady(undefined)
  }

  /** The pool of blocking tasks and streams. */
  ofBlocking(placement: Placement | undefined): ThreadPool {
    return this.#at(placement) ?? this.blocking
  }

  /** The pool of asynchronous tasks. */
  ofAsync(placement: Placement | undefined): ThreadPool {
    return this.#at(placement) ?? this.async
  }

  #at(placement: Placement | undefined): ThreadPool | undefined {
    return placement === "inline" || placement === "process" ? this[placement] : undefined
  }

  stats(): Stats {
    const { blocking, async, inline, process } = this.#observed
    return { blocking: blocking.stats(), async: async.stats(), inline: inline.stats(), process: process.stats() }
  }

  /** Ends all threads and processes after what they are doing. */
  async close(): Promise<void> {
    const { blocking, async, inline, process } = this.#observed
    for (const pool of [process, inline, async, blocking]) await pool.close()
  }
}
