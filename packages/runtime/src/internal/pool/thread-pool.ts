/**
 * Threads that run tasks. Plain TypeScript; the limits of a caller are not its business.
 *
 * A thread gets its next tasks ahead, so that they follow each other without the loop in between. Until a task begins it
 * can be taken back: when its caller does not want it any more, when another thread has nothing to do, and when its thread
 * ends before it.
 */
import { emitWarning } from "node:process"
import { clearTimeout, setTimeout } from "node:timers"
import { ResidentClosedError, WarmUpError, type WorkerCrashedError, WorkerStartError } from "../../errors.ts"
import type { CallExit, Ended, Link, LinkError, OnExit } from "../link/link.ts"
import type { Histogram } from "../monitor/histogram.ts"
import { describe } from "../transport/portrait.ts"
import { taskRunner } from "../worker/openable.ts"
import { Job } from "./job.ts"
import { type Limits, unlimited } from "./limits.ts"
import { Member } from "./member.ts"
import type { Runner } from "./runner.ts"
import { type PoolStats, type Retirement, Tally } from "./tally.ts"
import { turnNow } from "./turn-clock.ts"
import type { WarmUp } from "./warm-up.ts"

/** How a pool grows and shrinks. */
export interface PoolOptions extends Partial<Limits> {
  readonly minThreads: number
  readonly maxThreads: number
  /** How long a thread beyond the minimum may be idle, in milliseconds. */
  readonly idleMillis: number
  /** How many jobs a thread gets at the same time, to be run one after the other. `Infinity`: they overlap. */
  readonly depth: number
  /** Whether its threads are the loop's own, so that a task runs in the async context in which it is started. */
  readonly inline?: boolean | undefined
  /** What each thread runs before it takes jobs. */
  readonly warmUp?: WarmUp | undefined
}

/** Why a thread did not come up. */
export type StartError = WorkerStartError | WarmUpError

type Started = (error: StartError | undefined) => void

export class ThreadPool {
  readonly #start: (name: string) => Link
  readonly #options: PoolOptions & Limits
  readonly #tally = new Tally()
  /** Threads that count towards the maximum. */
  readonly #members = new Set<Member>()
  /** Threads that take no more jobs, and do not count any more. */
  readonly #leaving = new Set<Member>()
  /** Threads that were told to end. */
  readonly #ending = new Map<Link, Promise<void>>()
  /** The most recently idle last: it is taken first, so that what is not needed becomes old. */
  readonly #idle: Member[] = []
  readonly #graces = new Map<Job, ReturnType<typeof setTimeout>>()
  #queue = new Set<Job>()
  /** How many threads are not open yet. */
  #starting = 0
  #closed = false
  #touched = false
  /** Is told that there is something new in the statistics; once, until someone has looked with `fresh`. */
  onTouched: (() => void) | undefined

  /** `start` starts a thread of a name, and throws what the runtime throws when it cannot. */
  constructor(start: (name: string) => Link, options: PoolOptions) {
    this.#start = start
    this.#options = { ...unlimited, ...options }
  }

  get name(): string {
    return this.#options.name
  }

  /** Whether tasks run on the loop's own thread. */
  get inline(): boolean {
    return this.#options.inline === true
  }

  /** How many threads there can be. */
  get maxThreads(): number {
    return this.#options.maxThreads
  }

  /** Everything that it knows of itself. */
  get stats(): PoolStats {
    const now = turnNow()
    const tally = this.#tally
    const members = [...this.#members, ...this.#leaving]
    let { threadMillis, busyMillis } = tally
    let queued = this.#queue.size
    let running = 0
    for (const member of members) {
      threadMillis += member.threadMillis(now)
      busyMillis += member.busyMillis(now)
      const begun = this.#overlaps ? member.load : Math.min(1, member.load)
      running += begun
      queued += member.load - begun
    }
    return {
      name: this.#options.name,
      threads: members.length,
      idle: this.#idle.length,
      queued,
      running,
      started: tally.started,
      retired: { ...tally.retired },
      tasks: { ...tally.tasks },
      wait: tally.wait.distribution,
      run: this.runTimes.distribution,
      threadMillis,
      busyMillis,
      utilisation: threadMillis === 0 ? 0 : busyMillis / threadMillis,
    }
  }

  /** The statistics, for whoever wants to know of the next change. */
  get fresh(): PoolStats {
    this.#touched = false
    return this.stats
  }

  #touch(): void {
    if (this.#touched) return
    this.#touched = true
    this.onTouched?.()
  }

  /** How long jobs waited. */
  get waitTimes(): Histogram {
    return this.#tally.wait
  }

  /** How long jobs ran. */
  get runTimes(): Histogram {
    return this.#tally.runOf([...this.#members, ...this.#leaving].map(({ gauge }) => gauge))
  }

  get #overlaps(): boolean {
    return this.#options.depth === Number.POSITIVE_INFINITY
  }

  /** Starts the threads that are always there. Tells when they are ready, or the first error. */
  warm(started: Started = () => {}): void {
    let missing = this.#options.minThreads
    if (missing === 0) started(undefined)
    const one: Started = (error) => {
      missing--
      if (error !== undefined || missing === 0) started(error)
    }
    for (let count = missing; count > 0; count--) this.#grow(undefined, one)
  }

  /** Runs a job on a thread that is free, on a new one, or on the first that becomes free. */
  run(job: Job): void {
    job.since = turnNow()
    this.#touch()
    if (this.#closed) this.#refuse(job)
    else this.#place(job)
  }

  #place(job: Job): void {
    const member = this.#idle.pop()
    if (member !== undefined) {
      this.#assign(member, job)
      return
    }
    if (this.#members.size >= this.#options.maxThreads && this.#queue.size === 0) {
      const least = this.#leastBusy(job)
      if (least !== undefined) {
        this.#assign(least, job)
        return
      }
    }
    this.#queue.add(job)
    if (this.#starting < this.#queue.size && this.#members.size < this.#options.maxThreads) this.#grow(job)
  }

  #leastBusy(job: Job): Member | undefined {
    let least: Member | undefined
    for (const member of this.#members) {
      if (member.open && (least === undefined || member.load < least.load) && this.#hasRoom(member, job)) {
        least = member
      }
    }
    return least
  }

  #takes(member: Member): boolean {
    return member.leaving === undefined && member.given < this.#options.maxTasks
  }

  #hasRoom(member: Member, job: Job): boolean {
    if (!this.#takes(member)) return false
    if (member.load === 0 || this.#overlaps) return true
    // What moves to a thread cannot go to another that becomes free before it: it is not given ahead.
    if (member.load >= this.#options.depth || job.exclusive || job.moves) return false
    return !member.exclusive
  }

  /** Takes back a job that has not begun. Says whether it had not. */
  withdraw(job: Job): boolean {
    if (job.finished) return false
    const member = this.#memberOf(job)
    if (member === undefined) this.#queue.delete(job)
    else {
      if (!job.retract()) return false
      member.remove(job, turnNow())
    }
    job.dropped()
    this.#tally.tasks.interrupted++
    if (member !== undefined) this.#freed(member)
    return true
  }

  /** Nobody waits any more for a job that runs. */
  abandon(job: Job): void {
    const member = job.finished ? undefined : this.#memberOf(job)
    if (member === undefined || !Number.isFinite(this.#options.abandonMillis)) return
    const timer = setTimeout(() => this.#outlived(member, job), this.#options.abandonMillis)
    // The thread that it runs on keeps the program alive; this is no other reason for it.
    timer.unref()
    this.#graces.set(job, timer)
  }

  #memberOf(job: Job): Member | undefined {
    for (const member of this.#members) if (member.has(job)) return member
    for (const member of this.#leaving) if (member.has(job)) return member
    return undefined
  }

  /** A job that was left behind has had its time. */
  #outlived(member: Member, job: Job): void {
    this.#graces.delete(job)
    if (!member.has(job)) return
    member.overdue.add(job)
    this.#takeBack(member)
    this.#leave(member, "abandoned")
    this.#members.delete(member)
    this.#leaving.add(member)
    this.#killOverdue(member)
    this.#supply()
    this.#replenish()
  }

  /** Ends a thread that does nothing any more that someone waits for. */
  #killOverdue(member: Member): void {
    if (member.load === member.overdue.size) this.#kill(member, "abandoned")
  }

  /**
   * Ends all threads after what they are doing. What has not begun fails. What is not done when the time for it is over
   * fails then, and its thread is terminated.
   */
  async close(): Promise<void> {
    this.#closed = true
    const members = [...this.#members, ...this.#leaving]
    const waiting = [...this.#queue]
    this.#queue.clear()
    for (const member of members) waiting.push(...this.#retractAll(member))
    for (const job of waiting) this.#refuse(job)
    const overdue = this.#deadline(() => {
      for (const member of [...this.#members, ...this.#leaving]) this.#kill(member, "shutdown")
      for (const link of this.#ending.keys()) link.terminate()
    })
    await Promise.all(members.map((member) => this.#finish(member)))
    await Promise.all(this.#ending.values())
    if (overdue !== undefined) clearTimeout(overdue)
  }

  #deadline(over: () => void): ReturnType<typeof setTimeout> | undefined {
    const { shutdownMillis } = this.#options
    return Number.isFinite(shutdownMillis) ? setTimeout(over, shutdownMillis) : undefined
  }

  async #finish(member: Member): Promise<void> {
    if (member.load > 0) await new Promise<void>((resolve) => (member.drained = resolve))
    await this.#retire(member, member.leaving ?? "shutdown")
  }

  /** Starts a thread. `wanted` is the job that fails if it does not come up. Says whether the runtime started it. */
  #grow(wanted: Job | undefined, started: Started = () => {}): boolean {
    const name = `${this.#options.name}-${this.#tally.started + 1}`
    let link: Link
    try {
      link = this.#start(name)
    } catch (cause) {
      this.#unstarted(wanted, new WorkerStartError({ worker: name, cause }), started)
      return false
    }
    const member = new Member(name, link)
    this.#tally.started++
    this.#starting++
    this.#members.add(member)
    this.#watch(member)
    const { warmUp } = this.#options
    const ready = (error: StartError | undefined): void => {
      this.#starting--
      if (error !== undefined) {
        this.#unstarted(wanted, error, started)
        if (this.#remove(member, "failed")) link.terminate()
        this.#supply()
        return
      }
      member.opened(turnNow())
      started(undefined)
      this.#freed(member)
    }
    const { measured, maxHeapBytes } = this.#options
    const init = measured ? { memory: member.memory, heap: Number.isFinite(maxHeapBytes) } : undefined
    link.open({ ...taskRunner, init }, (opened) => {
      if (!opened.ok) ready(startError(name, opened.error))
      else if (warmUp === undefined) ready(undefined)
      else this.#warmUp(member.runner, warmUp, ready)
    })
    return true
  }

  // Of its own: closures of one function share what it knows, here the job for which the thread was started, and this one
  // lives as long as the thread.
  #watch(member: Member): void {
    member.link.onEnd(() => this.#gone(member))
  }

  #warmUp(runner: Runner, warmUp: WarmUp, ready: Started): void {
    // What a task would make of the thread's errors is what a program understands.
    const job = new Job(warmUp, (exit) => {
      const { name: pool } = this.#options
      const target = `${warmUp.module}#${warmUp.name}`
      ready(exit.ok ? undefined : new WarmUpError({ pool, target, cause: exit.error }))
    })
    runner.link.call("warmUp", [runner.numberOf(warmUp), ...warmUp.args], (exit) => job.finish(exit))
  }

  /** A thread did not come up. Without a job it was kept in reserve: whoever needs it tries again and is told. */
  #unstarted(wanted: Job | undefined, error: StartError, started: Started): void {
    started(error)
    if (wanted === undefined || !this.#queue.delete(wanted)) return
    this.#fail(wanted, error as LinkError)
  }

  #assign(member: Member, job: Job): void {
    if (member.timer !== undefined) clearTimeout(member.timer)
    member.timer = undefined
    const now = turnNow()
    job.givenAt = now
    member.add(job, now)
    // Others need not wait until all that overlap on it have ended.
    if (this.#overlaps && member.given >= this.#options.maxTasks) this.#leave(member, "count")
    const onExit = (exit: CallExit<unknown, LinkError>): void => this.#ended(member, job, exit)
    try {
      job.begin(member.runner, onExit as OnExit)
    } catch (thrown) {
      // Whatever went wrong, the job is over, and the thread is free for others.
      onExit({ ok: false, error: job.refusedBy(thrown) })
    }
  }

  #ended(member: Member, job: Job, exit: CallExit<unknown, LinkError>): void {
    const { ended } = member.link
    // Before anyone is told: who is may have something for the next free thread.
    if (ended !== undefined && this.#remove(member, endOf(ended))) this.#takeBack(member)
    // It was behind the one with which the thread died.
    if (!member.has(job)) return
    if (ended !== undefined) member.told = true
    const now = turnNow()
    const begun = this.#overlaps ? job.givenAt : Math.max(job.givenAt, member.freeSince)
    member.done(job, now)
    this.#measure(job, exit, begun, now)
    if (member.load === 0) member.drained?.()
    // The thread has its next job before the caller is told, because the caller may then run another.
    if (ended === undefined) {
      if (member.leaving === undefined && member.gauge.heapUsed > this.#options.maxHeapBytes) {
        this.#takeBack(member)
        this.#leave(member, "memory")
      }
      this.#freed(member)
    }
    job.finish(exit)
  }

  #measure(job: Job, exit: CallExit<unknown, LinkError>, begun: number, now: number): void {
    const tally = this.#tally
    tally.wait.record(begun - job.since)
    // A stream runs as long as it is read, which its thread does not see.
    if (job.exclusive || !this.#options.measured) tally.run.record(now - begun)
    tally.tasks[job.left ? "interrupted" : exit.ok ? "completed" : "failed"]++
    this.#touch()
    if (this.#graces.size === 0) return
    clearTimeout(this.#graces.get(job))
    this.#graces.delete(job)
  }

  /** A thread has room for a job, or has done its last. */
  #freed(member: Member): void {
    if (this.#closed) return
    if (!this.#takes(member)) {
      if (member.load === 0) void this.#retire(member, member.leaving ?? "count")
      else if (member.overdue.size > 0) this.#killOverdue(member)
      this.#supply()
      this.#replenish()
      return
    }
    for (const job of this.#queue) {
      // The threads that are starting do so for the others.
      if (member.load > 0 && this.#queue.size <= this.#starting) break
      if (!this.#hasRoom(member, job)) break
      this.#queue.delete(job)
      this.#assign(member, job)
    }
    if (member.load > 0 || !this.#takes(member)) return
    if (!this.#relieve(member)) this.#rest(member)
  }

  /** Gives a thread without a job half of what has not begun in the busiest other. Says whether there was something. */
  #relieve(member: Member): boolean {
    if (this.#overlaps) return false
    let busiest: Member | undefined
    for (const other of this.#members) if (other.load > (busiest?.load ?? 1)) busiest = other
    if (busiest === undefined) return false
    const moved: Job[] = []
    const jobs = busiest.jobs
    const now = turnNow()
    for (let index = jobs.length - 1; index >= jobs.length / 2; index--) {
      const job = jobs[index] as Job
      if (moved.length >= this.#options.maxTasks - member.given || !job.portable || !job.retract()) break
      busiest.remove(job, now)
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
      if (this.#members.size > this.#options.minThreads) void this.#retire(member, "idle")
    }, this.#options.idleMillis)
    // An idle thread is no reason for the program to go on.
    member.timer.unref()
  }

  /** The threads that are always there. */
  #replenish(): void {
    while (!this.#closed && this.#members.size < this.#options.minThreads) if (!this.#grow(undefined)) return
  }

  /** Threads for what waits. */
  #supply(): void {
    if (this.#closed) return
    for (const job of this.#queue) {
      const member = this.#idle.pop()
      if (member === undefined) break
      this.#queue.delete(job)
      this.#assign(member, job)
    }
    for (const job of this.#queue) {
      if (this.#starting >= this.#queue.size || this.#members.size >= this.#options.maxThreads) break
      this.#grow(job)
    }
  }

  /** A thread takes no more jobs. One on which jobs overlap makes room at once, since its last may take long. */
  #leave(member: Member, reason: Retirement): void {
    member.leaving = reason
    if (!this.#overlaps || !this.#members.delete(member)) return
    this.#leaving.add(member)
    const index = this.#idle.indexOf(member)
    if (index >= 0) this.#idle.splice(index, 1)
  }

  /** What has not begun on a thread waits for another, before what waits already. */
  #takeBack(member: Member): void {
    this.#queue = new Set([...this.#retractAll(member), ...this.#queue])
  }

  #retractAll(member: Member): ReadonlyArray<Job> {
    const back = member.jobs.filter((job) => job.portable && job.retract())
    for (const job of back) member.remove(job, turnNow())
    return back
  }

  #retire(member: Member, reason: Retirement): Promise<void> {
    this.#remove(member, reason)
    const { link } = member
    const ended = new Promise<void>((resolve) => link.close(() => resolve())).then(() => {
      this.#ending.delete(link)
    })
    this.#ending.set(link, ended)
    return ended
  }

  /** Ends a thread at once. Its callers are told; their tokens stay taken until it is really gone. */
  #kill(member: Member, reason: Retirement): void {
    this.#remove(member, reason)
    for (const job of member.jobs) job.heldUntil = (release) => member.link.onGone(release)
    member.link.terminate()
  }

  /** A thread has ended, not necessarily by itself. */
  #gone(member: Member): void {
    const { ended } = member.link
    if (ended !== undefined) this.#remove(member, endOf(ended))
    if (ended?._tag === "WorkerCrashedError" && ended.cause !== undefined && member.open && !member.told) {
      warnOfCrash(ended, member.lastTask)
    }
    this.#supply()
    // One that never did anything would only be followed by another.
    if (member.given > 0) this.#replenish()
  }

  /** Forgets a thread. Says whether it was there. */
  #remove(member: Member, reason: Retirement): boolean {
    const index = this.#idle.indexOf(member)
    if (index >= 0) this.#idle.splice(index, 1)
    if (member.timer !== undefined) clearTimeout(member.timer)
    member.timer = undefined
    if (!this.#members.delete(member) && !this.#leaving.delete(member)) return false
    this.#touch()
    const now = turnNow()
    const tally = this.#tally
    tally.retired[reason]++
    tally.threadMillis += member.threadMillis(now)
    tally.busyMillis += member.busyMillis(now)
    tally.run.add(member.gauge.run)
    return true
  }

  #refuse(job: Job): void {
    this.#fail(job, new ResidentClosedError({ worker: this.#options.name }))
  }

  /** A job that never began. */
  #fail(job: Job, error: LinkError): void {
    this.#tally.tasks.failed++
    job.finish({ ok: false, error })
  }
}

const startError = (worker: string, error: LinkError): StartError =>
  error._tag === "WorkerStartError" ? error : new WorkerStartError({ worker, cause: error })

// What was closed was not closed by its pool, which would not know it any more.
const endOf = (ended: Ended): Retirement => (ended._tag === "WorkerCrashedError" ? "crashed" : "killed")

/** Nobody waited for the thread, so that nobody else is told. */
const warnOfCrash = (crash: WorkerCrashedError, lastTask: string | undefined): void => {
  const after = lastTask === undefined ? "before its first task" : `after its last task, ${lastTask}`
  const warning = new Error(
    `${crash.worker} ended ${after}, because of an error that nobody caught there: ${describe(crash.cause)}. ` +
      "Tasks that were waiting for it go to another thread. Await or catch every promise that a task makes",
    { cause: crash.cause },
  )
  warning.name = "OffloopWarning"
  emitWarning(warning)
}
