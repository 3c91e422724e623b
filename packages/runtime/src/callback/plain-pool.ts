/** A pool's handle over the pools of a program without Effect. */
import { NotATaskError } from "../errors.ts"
import type { Caller } from "../internal/context/sent.ts"
import { coreOf } from "../internal/limiter/core.ts"
import { deliver } from "../internal/link/delivery.ts"
import type { CallExit, LinkError } from "../internal/link/link.ts"
import type { PlainPools, PlainRun } from "../internal/pool/plain-pools.ts"
import type { Stats } from "../internal/pool/pools.ts"
import type { Submission } from "../internal/pool/submission.ts"
import { boundHost } from "../internal/portal/bound-host.ts"
import { callbackHost } from "../internal/portal/callback-host.ts"
import { checkBufferSize } from "../internal/stream/buffer-size.ts"
import { Feed } from "../internal/stream/feed.ts"
import type { Item } from "../internal/stream/types.ts"
import type { Task } from "../Task.ts"
import { type CapacityLimiter, limiterOf } from "./capacity-limiter.ts"
import type { PoolHandle, TaskOptions, TaskRun, TaskRunError, TaskStream, TaskStreamOptions } from "./pool.ts"

export class PlainPool implements PoolHandle {
  readonly defaultLimiter: CapacityLimiter
  readonly #made: PlainPools

  constructor(made: PlainPools) {
    this.#made = made
    this.defaultLimiter = limiterOf(made.defaultLimiter)
  }

  runSync<Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    args: Args,
    options: TaskOptions,
    onExit: (exit: CallExit<Awaited<A>, TaskRunError | E>) => void,
  ): TaskRun {
    return this.#run("runSync", task, args, options, onExit as OnTaskExit)
  }

  run<Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    args: Args,
    options: TaskOptions,
    onExit: (exit: CallExit<Awaited<A>, TaskRunError | E>) => void,
  ): TaskRun {
    return this.#run("run", task, args, options, onExit as OnTaskExit)
  }

  #run(
    method: "runSync" | "run",
    task: Task<never, unknown, unknown>,
    args: ReadonlyArray<unknown>,
    options: TaskOptions,
    onExit: OnTaskExit,
  ): TaskRun {
    const run = new Run(onExit, options.abandonOnCancel ?? false)
    const submission = typed(() => this.#made.submission(method, task, args, plainOptions(options)))
    if (submission instanceof Error) run.refuse(submission)
    else run.start(submission, options.caller)
    return run
  }

  stream<Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    args: Args,
    options: TaskStreamOptions,
  ): TaskStream<Item<A>, TaskRunError | RangeError | E> {
    const feed = new Feed()
    const submission = typed(() => {
      const bufferSize = checkBufferSize(options.bufferSize)
      return this.#made.streamSubmission(task, args, bufferSize, plainOptions(options))
    })
    if (submission instanceof Error) feed.ended({ ok: false, error: submission as LinkError })
    else submission.start(feed, options.caller)
    return {
      next: (onNext) => feed.next(onNext as Parameters<Feed["next"]>[0]),
      stop: (onEnd) => feed.stop(true, onEnd as Parameters<Feed["stop"]>[1]),
    }
  }

  stats(): Stats {
    return this.#made.pools.stats()
  }

  close(onDone: () => void): void {
    this.#made.pools.close().then(() => deliver(onDone as () => void, { ok: true, value: undefined }))
  }
}

type OnTaskExit = (exit: CallExit<unknown, LinkError | NotATaskError | RangeError>) => void

/** What `ask` returns, or what it throws where the arguments are not what types say. */
const typed = <A>(ask: () => A): A | NotATaskError | RangeError => {
  try {
    return ask()
  } catch (thrown) {
    if (thrown instanceof NotATaskError || thrown instanceof RangeError) return thrown
    throw thrown
  }
}

const plainOptions = ({ limiter, placement, abandonOnCancel: abandon, handlers }: TaskOptions): PlainRun => ({
  placement,
  abandon,
  limiter: limiter && coreOf(limiter),
  host: handlers && boundHost(callbackHost(handlers)),
})

/** A run whose caller is told nothing before it knows the run, and nothing once it has left. */
class Run implements TaskRun {
  readonly #onExit: OnTaskExit
  readonly #abandon: boolean
  #submission: Submission | undefined
  #returned = false
  #left = false

  constructor(onExit: OnTaskExit, abandon: boolean) {
    this.#onExit = onExit
    this.#abandon = abandon
  }

  start(submission: Submission, caller: Caller | undefined): void {
    this.#submission = submission
    submission.start(caller, (exit) => {
      if (this.#returned) this.#tell(exit)
      else queueMicrotask(() => this.#tell(exit))
    })
    this.#returned = true
  }

  refuse(error: Error): void {
    queueMicrotask(() => this.#tell({ ok: false, error: error as LinkError }))
  }

  leave(onLeft: () => void): void {
    this.#left = true
    if (this.#submission === undefined) onLeft()
    else this.#submission.leave(this.#abandon, onLeft)
  }

  #tell(exit: Parameters<OnTaskExit>[0]): void {
    if (!this.#left) deliver(this.#onExit, exit)
  }
}
