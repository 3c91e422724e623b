/** One run of a task on a pool, from asking for a token to the moment the thread is free of it. Plain TypeScript. */
import { AsyncResource } from "node:async_hooks"
import type { Caller } from "../context/sent.ts"
import { Lease, type Limiter } from "../limiter/limiter.ts"
import type { CallExit, LinkError, OnExit } from "../link/link.ts"
import { stay } from "../transport/moves.ts"
import { AbortableJob, type Job, type Work } from "./job.ts"
import type { ThreadPool } from "./thread-pool.ts"

/** How a job is made of a task: whether it can be asked to stop. */
export type Kind = typeof Job | typeof AbortableJob

export class Submission {
  readonly #pool: ThreadPool
  readonly #limiter: Limiter | undefined
  readonly #Kind: Kind
  readonly #work: Work
  // The token belongs to this run, not to who asked for it: that one may leave while the thread is not free yet.
  readonly #lease = new Lease()
  #job: Job | undefined
  #onLeft: (() => void) | undefined

  constructor(pool: ThreadPool, limiter: Limiter | undefined, Kind: Kind, work: Work) {
    this.#pool = pool
    this.#limiter = limiter
    this.#Kind = Kind
    this.#work = work
  }

  /** Runs the task as soon as there is a token and a thread. To be called once. */
  start(caller: Caller | undefined, onExit: OnExit<unknown, LinkError>): void {
    const context = contextFor(this.#pool)
    if (this.#limiter === undefined) this.#run(caller, onExit, context)
    else this.#limiter.takeInLine(this.#lease, () => this.#run(caller, onExit, context))
  }

  /**
   * Nobody waits for the result any more. What has not begun never runs, and its exit is not told; what has is told to
   * stop. `onLeft` is told when the thread is free, or at once with `abandon`: the task then goes on alone.
   */
  leave(abandon: boolean, onLeft: () => void): void {
    const job = this.#job
    if (job === undefined) stay(this.#work.args)
    if (job === undefined || this.#pool.withdraw(job)) this.#limiter?.giveBack(this.#lease)
    else if (!job.finished) {
      job.cancel()
      if (job instanceof AbortableJob) job.abort()
      if (!abandon) {
        this.#onLeft = onLeft
        return
      }
      this.#pool.abandon(job)
    }
    onLeft()
  }

  #run(caller: Caller | undefined, onExit: OnExit<unknown, LinkError>, context: AsyncResource | undefined): void {
    const job = new this.#Kind(this.#work, (exit: CallExit<unknown, LinkError>) => {
      release(this.#limiter, this.#lease, job)
      onExit(exit)
      this.#onLeft?.()
    })
    this.#job = job
    job.caller = caller
    job.context = context
    this.#pool.run(job)
  }
}

/** The async context of now, for tasks that run in it, which may be later. */
export const contextFor = ({ inline }: ThreadPool): AsyncResource | undefined =>
  inline ? new AsyncResource("OffloopTask") : undefined

/** Gives a job's token back, when what was terminated is really gone. */
export const release = (limiter: Limiter | undefined, lease: Lease, job: Job): void => {
  if (job.heldUntil === undefined) limiter?.release(lease)
  else job.heldUntil(() => limiter?.release(lease))
}
