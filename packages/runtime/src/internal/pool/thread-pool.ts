/**
 * Threads that run tasks. Plain TypeScript; the limits of a caller are not its business.
 *
 * A thread gets its next tasks ahead, so that they follow each other without the loop in between. Until a task begins it
 * can be taken back: when its caller does not want it any more, when another thread has nothing to do, and when its thread
 * dies before it.
 */
import { clearTimeout, setTimeout } from "node:timers"
import { ResidentClosedError, WorkerStartError } from "../../errors.ts"
import type { CallExit, Link, LinkError } from "../link/link.ts"
import { taskRunner } from "../worker/openable.ts"
import type { Job } from "./job.ts"

/** How a pool grows and shrinks. */
export interface PoolOptions {
  readonly minThreads: number
  readonly maxThreads: number
  /** How long a thread beyond the minimum may be idle, in milliseconds. */
  readonly idleMillis: number
  /** How many jobs a thread gets at the same time, to be run one after the other. `Infinity`: they overlap. */
  readonly depth: number
}

interface Member {
  readonly link: Link
  /** What it has to do, in order. */
  readonly jobs: Set<Job>
  /** Whether its runner is there. */
  open: boolean
  /** Waits until it has nothing to do. */
  drained: (() => void) | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

const name = "offloop"

export class ThreadPool {
  readonly #start: () => Link
  readonly #options: PoolOptions
  readonly #members = new Set<Member>()
  /** The most recently idle last: it is taken first, so that what is not needed becomes old. */
  readonly #idle: Member[] = []
  readonly #queue = new Set<Job>()
  #closed = false

  /** `start` starts a thread, and throws what the runtime throws when it cannot. */
  constructor(start: () => Link, options: PoolOptions) {
    this.#start = start
    this.#options = options
  }

  /** How many threads there can be. */
  get maxThreads(): number {
    return this.#options.maxThreads
  }

  /** How many threads there are, how many of them have nothing to do, and how many jobs have to wait for a thread. */
  get size(): { readonly threads: number; readonly idle: number; readonly queued: number } {
    let queued = this.#queue.size
    if (!this.#overlaps) for (const { jobs } of this.#members) queued += Math.max(0, jobs.size - 1)
    return { threads: this.#members.size, idle: this.#idle.length, queued }
  }

  get #overlaps(): boolean {
    return this.#options.depth === Number.POSITIVE_INFINITY
  }

  /** Starts the threads that are always there. */
  warm(): void {
    while (this.#members.size < this.#options.minThreads) this.#grow(undefined)
  }

  /** Runs a job on a thread that is free, on a new one, or on the first that becomes free. */
  run(job: Job): void {
    if (this.#closed) job.finish({ ok: false, error: closed() })
    else this.#place(job)
  }

  #place(job: Job): void {
    const member = this.#idle.pop()
    if (member !== undefined) {
      this.#assign(member, job)
      return
    }
    if (this.#members.size < this.#options.maxThreads) {
      this.#grow(job)
      return
    }
    const least = this.#queue.size === 0 ? this.#leastBusy() : undefined
    if (least !== undefined && this.#hasRoom(least, job)) this.#assign(least, job)
    else this.#queue.add(job)
  }

  #leastBusy(): Member | undefined {
    let least: Member | undefined
    for (const member of this.#members) {
      if (member.open && (least === undefined || member.jobs.size < least.jobs.size)) least = member
    }
    return least
  }

  #hasRoom(member: Member, job: Job): boolean {
    if (member.jobs.size === 0 || this.#overlaps) return true
    if (member.jobs.size >= this.#options.depth || job.exclusive) return false
    // One that wants its thread for itself is the only one there.
    for (const first of member.jobs) return !first.exclusive
    return true
  }

  /** Takes back a job that has not begun. Says whether it had not. */
  withdraw(job: Job): boolean {
    if (job.finished) return false
    if (this.#queue.delete(job)) {
      job.withdrawn = true
      return true
    }
    for (const member of this.#members) {
      if (!member.jobs.has(job)) continue
      if (!job.retract()) return false
      job.withdrawn = true
      member.jobs.delete(job)
      this.#freed(member)
      return true
    }
    // Its thread is starting for it.
    job.withdrawn = true
    return true
  }

  /** Ends all threads after what they are doing. */
  async close(): Promise<void> {
    this.#closed = true
    const waiting = [...this.#queue]
    this.#queue.clear()
    for (const member of this.#members) {
      for (const job of member.jobs) {
        if (!job.retract()) continue
        member.jobs.delete(job)
        waiting.push(job)
      }
    }
    for (const job of waiting) job.finish({ ok: false, error: closed() })
    await Promise.all(
      [...this.#members].map(async (member) => {
        if (member.jobs.size > 0) await new Promise<void>((resolve) => (member.drained = resolve))
        await this.#retire(member)
      }),
    )
  }

  #grow(job: Job | undefined): void {
    let link: Link
    try {
      link = this.#start()
    } catch (cause) {
      // Without a job it was a thread kept in reserve: whoever needs it tries again and is told.
      job?.finish({ ok: false, error: new WorkerStartError({ worker: name, cause }) })
      return
    }
    const member: Member = { link, jobs: new Set(), open: false, drained: undefined, timer: undefined }
    this.#members.add(member)
    link.onEnd(() => this.#gone(member))
    link.open(taskRunner, (exit) => {
      const wanted = job === undefined || job.withdrawn ? undefined : job
      if (!exit.ok) {
        wanted?.finish(exit)
        link.terminate()
        return
      }
      member.open = true
      if (wanted !== undefined) this.#assign(member, wanted)
      this.#freed(member)
    })
  }

  #assign(member: Member, job: Job): void {
    if (member.timer !== undefined) clearTimeout(member.timer)
    member.timer = undefined
    member.jobs.add(job)
    job.start(member.link, (exit) => {
      member.jobs.delete(job)
      if (member.jobs.size === 0) member.drained?.()
      if (member.link.ended?._tag === "WorkerCrashedError") {
        this.#forget(member)
        if (job.portable && job.retract()) {
          // It was behind the one with which the thread died.
          this.run(job)
          return
        }
      }
      // The thread has its next job before the caller is told, because the caller may then run another.
      if (member.link.ended === undefined) this.#freed(member)
      job.finish(exit as CallExit<unknown, LinkError>)
    })
  }

  /** A thread has room for a job. */
  #freed(member: Member): void {
    if (this.#closed) return
    for (const job of this.#queue) {
      if (!this.#hasRoom(member, job)) break
      this.#queue.delete(job)
      this.#assign(member, job)
    }
    if (member.jobs.size > 0) return
    if (!this.#relieve(member)) this.#rest(member)
  }

  /** Gives a thread without a job half of what has not begun in the busiest other. Says whether there was something. */
  #relieve(member: Member): boolean {
    let busiest: Member | undefined
    for (const other of this.#members) if (other.jobs.size > (busiest?.jobs.size ?? 1)) busiest = other
    if (busiest === undefined) return false
    const moved: Job[] = []
    const jobs = [...busiest.jobs]
    for (let index = jobs.length - 1; index >= jobs.length / 2; index--) {
      const job = jobs[index] as Job
      if (!job.portable || !job.retract()) break
      busiest.jobs.delete(job)
      moved.push(job)
    }
    for (const job of moved.reverse()) this.#assign(member, job)
    return moved.length > 0
  }

  #rest(member: Member): void {
    if (this.#idle.includes(member)) return
    this.#idle.push(member)
    if (this.#members.size <= this.#options.minThreads || !Number.isFinite(this.#options.idleMillis)) return
    member.timer = setTimeout(() => {
      member.timer = undefined
      // Others may have gone before it.
      if (this.#members.size > this.#options.minThreads) void this.#retire(member)
    }, this.#options.idleMillis)
    // An idle thread is no reason for the program to go on.
    member.timer.unref()
  }

  #retire(member: Member): Promise<void> {
    this.#forget(member)
    return new Promise((resolve) => member.link.close(() => resolve()))
  }

  #gone(member: Member): void {
    this.#forget(member)
    if (this.#closed || this.#members.size >= this.#options.maxThreads) return
    for (const job of this.#queue) {
      this.#queue.delete(job)
      this.#grow(job)
      return
    }
  }

  #forget(member: Member): void {
    this.#members.delete(member)
    const index = this.#idle.indexOf(member)
    if (index >= 0) this.#idle.splice(index, 1)
    if (member.timer !== undefined) clearTimeout(member.timer)
    member.timer = undefined
  }
}

const closed = (): ResidentClosedError => new ResidentClosedError({ worker: name })
