/** Tasks that run in a process: what a caller does not want any more is killed. */
import { setTimeout } from "node:timers"
import type { Link, OnExit } from "../link/link.ts"
import { AbortableJob, Job, StreamJob, type Work } from "../pool/job.ts"
import type { Runner } from "../pool/runner.ts"
import { type OnLine, ProcessLink } from "./process-link.ts"

/** How long something that can hear that it is not wanted may take to end, in milliseconds. */
const GRACE = 50
/** The same for an iterator whose reader has read enough, and was not interrupted. */
const READ_ENOUGH_GRACE = 5000

/** A task for a process. */
export interface ProcessWork extends Work {
  /** Is told the lines that the process writes meanwhile. */
  readonly onLine: OnLine
  /** Whether interrupting the caller stops it. */
  readonly kill: boolean
}

const listen = (link: Link, work: Work): void => {
  // With `InlineBackend` there is no process: what the task writes is the program's own.
  if (link instanceof ProcessLink) link.tell((work as ProcessWork).onLine)
}

const kills = (work: Work): boolean => (work as ProcessWork).kill

/** Kills what has not ended after a while. */
const killLater = (job: Job, link: Link | undefined, millis: number): void => {
  // Not a reason for the program to go on: the caller who waits for the end is one.
  setTimeout(() => {
    if (!job.finished) link?.terminate()
  }, millis).unref()
}

/** Blocks its process, so that nothing but its death stops it. */
export class ProcessJob extends Job {
  override start(runner: Runner, onExit: OnExit): void {
    listen(runner.link, this.work)
    super.start(runner, onExit)
  }

  override cancel(): void {
    super.cancel()
    if (kills(this.work)) this.link?.terminate()
  }
}

/** Is asked to stop, and killed if it does not. */
export class AbortableProcessJob extends AbortableJob {
  override start(runner: Runner, onExit: OnExit): void {
    listen(runner.link, this.work)
    super.start(runner, onExit)
  }

  override abort(): void {
    super.abort()
    if (kills(this.work)) killLater(this, this.link, GRACE)
  }
}

/** Its iterator is asked to clean up, and killed if it does not come to an end. */
export class ProcessStreamJob extends StreamJob {
  override start(runner: Runner, onExit: OnExit): void {
    listen(runner.link, this.work)
    super.start(runner, onExit)
  }

  override stop(interrupted: boolean): boolean {
    const toCome = super.stop(interrupted)
    if (toCome && kills(this.work)) killLater(this, this.link, interrupted ? GRACE : READ_ENOUGH_GRACE)
    return toCome
  }
}
