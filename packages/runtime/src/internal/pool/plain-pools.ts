/** Pools of a program without Effect, with their default limiters. */
import { InvalidPoolOptionsError, UnsupportedRuntimeError } from "../../errors.ts"
import type { Task } from "../../Task.ts"
import { detected, inlineBackend } from "../backend/available.ts"
import { ConsoleSink } from "../context/console-sink.ts"
import { Limiter } from "../limiter/limiter.ts"
import type { Host } from "../portal/host.ts"
import { consoleLines } from "../process/console-lines.ts"
import { parseProcessOptions } from "../process/options.ts"
import { type Options, parseOptions } from "./options.ts"
import { defaultTokens, Pools } from "./pools.ts"
import { kindOf, type RequestError, streamKindOf, workFor } from "./requests.ts"
import type { Placement } from "./run-options.ts"
import { StreamSubmission } from "./stream-submission.ts"
import { Submission } from "./submission.ts"

/** How one task is run. */
export interface PlainRun {
  readonly placement?: Placement | undefined
  /** Default: the pool's own; none for asynchronous tasks in threads. */
  readonly limiter?: Limiter | undefined
  readonly abandon?: boolean | undefined
  /** Serves what the task asks of the loop. */
  readonly host?: Host | undefined
}

/** Which threads a pool uses. */
export type PlainBackend = "threads" | "inline"

export class PlainPools {
  readonly pools: Pools
  readonly defaultLimiter: Limiter
  readonly processLimiter: Limiter

  constructor(pools: Pools, defaultLimiter: Limiter, processLimiter: Limiter) {
    this.pools = pools
    this.defaultLimiter = defaultLimiter
    this.processLimiter = processLimiter
  }

  /** A run of a task that has not started, or why it cannot be. Throws what types exclude. */
  submission(
    method: "runSync" | "run",
    task: Task<never, unknown, unknown>,
    args: ReadonlyArray<unknown>,
    { placement, limiter, abandon = false, host }: PlainRun,
  ): Submission | RequestError {
    const work = workFor({ method, task, args, placement, abandon, host, onLine: consoleLines })
    if (work instanceof Error) return work
    const pool = method === "runSync" ? this.pools.ofBlocking(placement) : this.pools.ofAsync(placement)
    const held = limiter ?? (method === "runSync" || placement === "process" ? this.#limiterOf(placement) : undefined)
    return new Submission(pool, held, kindOf(method, placement), work)
  }

  /** A stream of what a task iterates that has not started, or why it cannot be. Throws what types exclude. */
  streamSubmission(
    task: Task<never, unknown, unknown>,
    args: ReadonlyArray<unknown>,
    bufferSize: number,
    { placement, limiter, abandon = false, host }: PlainRun,
  ): StreamSubmission | RequestError {
    const work = workFor({ method: "stream", task, args, placement, abandon, host, onLine: consoleLines })
    if (work instanceof Error) return work
    const pool = this.pools.ofBlocking(placement)
    const held = limiter ?? this.#limiterOf(placement)
    return new StreamSubmission({ pool, limiter: held, work, bufferSize, abandon, Kind: streamKindOf(placement) })
  }

  #limiterOf(placement: Placement | undefined): Limiter {
    return placement === "process" ? this.processLimiter : this.defaultLimiter
  }
}

/** Makes pools, whose threads start when they are needed, or returns why there are none. */
export const makePools = (
  options: Options,
  backendName: PlainBackend = "threads",
): PlainPools | InvalidPoolOptionsError | UnsupportedRuntimeError => {
  const backend = backendName === "inline" ? inlineBackend : detected()
  if (backend instanceof UnsupportedRuntimeError) return backend
  const settings = parseOptions(options, backend)
  if (settings instanceof InvalidPoolOptionsError) return settings
  const { processes: asked = {} } = options
  const numbers = parseProcessOptions(asked, backend.parallelism)
  if (numbers instanceof InvalidPoolOptionsError) return numbers
  const processes = { ...asked, ...numbers }
  const pools = new Pools({ backend, settings, processes, telemetry: () => new ConsoleSink(), onLine: consoleLines })
  return new PlainPools(pools, new Limiter(defaultTokens(settings)), new Limiter(numbers.max))
}
