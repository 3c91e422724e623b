/** One thread of a pool, and what it has to do. */
import type { setTimeout } from "node:timers"
import type { Link } from "../link/link.ts"
import { Slots } from "../slots.ts"
import { Gauge, gaugeMemory } from "./gauge.ts"
import type { Job } from "./job.ts"
import { Runner } from "./runner.ts"
import type { Retirement } from "./tally.ts"

export class Member {
  readonly name: string
  readonly link: Link
  readonly runner: Runner
  readonly memory = gaugeMemory()
  readonly gauge = new Gauge(this.memory)
  /** Whether what it has to do wants it for itself. */
  exclusive = false
  /** Those of its jobs that were left behind and have outlived their grace. */
  readonly overdue = new Set<Job>()
  /** Whether its runner is there and warmed up. */
  open = false
  /** How many jobs it was given that it ran or will run. */
  given = 0
  /** Whether a job of its was told that the thread has ended. */
  told = false
  #lastModule: string | undefined
  #lastName = ""
  /** Why it takes no more jobs and ends when it has none. */
  leaving: Retirement | undefined
  /** Waits until it has nothing to do. */
  drained: (() => void) | undefined
  /** Ends it when it was idle for long enough. */
  timer: ReturnType<typeof setTimeout> | undefined
  /** Since when its last job is done. */
  freeSince = 0
  readonly #jobs = new Slots<Job>()
  #openSince = 0
  #busySince = 0
  #busyMillis = 0

  constructor(name: string, link: Link) {
    this.name = name
    this.link = link
    this.runner = new Runner(link)
  }

  /** What it has to do, in order. */
  get jobs(): ReadonlyArray<Job> {
    return this.#jobs.all
  }

  /** How many jobs it has to do. */
  get load(): number {
    return this.#jobs.size
  }

  /** Whether it has a job to do. */
  has(job: Job): boolean {
    return this.#jobs.get(job.place) === job
  }

  /** Which task it has done last. */
  get lastTask(): string | undefined {
    return this.#lastModule === undefined ? undefined : `${this.#lastModule}#${this.#lastName}`
  }

  /** It is there for jobs from now on. */
  opened(now: number): void {
    this.open = true
    this.#openSince = now
    this.freeSince = now
  }

  /** Notes a job that it has to do. */
  add(job: Job, now: number): void {
    if (this.#jobs.size === 0) this.#busySince = now
    job.place = this.#jobs.next()
    this.#jobs.set(job.place, job)
    this.exclusive = job.exclusive
    this.given++
  }

  /** A job is done. */
  done(job: Job, now: number): void {
    if (!this.has(job)) return
    this.#jobs.delete(job.place)
    this.overdue.delete(job)
    this.#lastModule = job.module
    this.#lastName = job.name
    this.freeSince = now
    if (this.#jobs.size === 0) this.#busyMillis += now - this.#busySince
  }

  /** A job that has not begun was taken back. */
  remove(job: Job, now: number): void {
    this.#jobs.delete(job.place)
    this.given--
    if (this.#jobs.size === 0) this.#busyMillis += now - this.#busySince
  }

  /** How long it has been there, in milliseconds. */
  threadMillis(now: number): number {
    return this.open ? now - this.#openSince : 0
  }

  /** How much of that it had something to do. */
  busyMillis(now: number): number {
    return this.#busyMillis + (this.#jobs.size === 0 ? 0 : now - this.#busySince)
  }
}
