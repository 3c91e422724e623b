/** One stream of what a task iterates: it has a token of the limiter and a thread for itself until it ends. */
import type { Caller } from "../context/sent.ts"
import { Lease, type Limiter } from "../limiter/limiter.ts"
import type { Feed, Producer } from "../stream/feed.ts"
import { stay } from "../transport/moves.ts"
import { StreamJob, type Work } from "./job.ts"
import { contextFor, release } from "./submission.ts"
import type { ThreadPool } from "./thread-pool.ts"

/** How a stream is made. */
export interface StreamRequest {
  readonly pool: ThreadPool
  readonly limiter: Limiter
  readonly work: Work
  /** An integer of 1 or more. */
  readonly bufferSize: number
  /** Whether its thread is left alone with an iterator that is not wanted any more. */
  readonly abandon: boolean
  readonly Kind?: typeof StreamJob | undefined
}

export class StreamSubmission implements Producer {
  readonly #request: StreamRequest
  readonly #lease = new Lease()
  #job: StreamJob | undefined

  constructor(request: StreamRequest) {
    this.#request = request
  }

  /** Begins to fill a feed as soon as there is a token and a thread. To be called once. */
  start(feed: Feed, caller: Caller | undefined): void {
    const { pool, limiter, work, bufferSize, Kind = StreamJob } = this.#request
    const context = contextFor(pool)
    feed.connect(this)
    limiter.takeInLine(this.#lease, () => {
      const job: StreamJob = new Kind(work, bufferSize, feed.items, (exit) => {
        release(limiter, this.#lease, job)
        feed.ended(exit)
      })
      this.#job = job
      job.caller = caller
      job.context = context
      pool.run(job)
    })
  }

  acknowledge(): void {
    this.#job?.acknowledge()
  }

  stop(interrupted: boolean): boolean {
    const { pool, limiter, abandon } = this.#request
    const job = this.#job
    if (job === undefined) stay(this.#request.work.args)
    if (job === undefined || pool.withdraw(job)) {
      limiter.giveBack(this.#lease)
      return false
    }
    const ending = job.stop(interrupted)
    if (ending && abandon) pool.abandon(job)
    return ending
  }
}
