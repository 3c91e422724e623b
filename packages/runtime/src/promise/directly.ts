/** Runs tasks for promises without an Effect in between. */
import type { Submit } from "../internal/pool/direct.ts"
import type { Submission } from "../internal/pool/submission.ts"
import type { Task } from "../Task.ts"
import { type CallOptions, calledFrom, callerOf } from "./run.ts"

interface Options extends CallOptions {
  readonly abandonOnCancel?: boolean | undefined
}

/** A function that runs a task, and does with the signal what interrupting the Effect would do. */
export const runDirectly = (submit: Submit, { signal, abandonOnCancel = false }: Options) => {
  const run = <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ): Promise<Awaited<A>> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const caller = callerOf(run)
      const fail = (error: unknown): void => reject(calledFrom(error, caller))
      let submission: Submission
      try {
        submission = submit(task, args)
      } catch (thrown) {
        fail(thrown)
        return
      }
      const leave = signal && (() => submission.leave(abandonOnCancel, () => reject(signal.reason)))
      if (leave !== undefined) signal?.addEventListener("abort", leave, { once: true })
      submission.start(undefined, (exit) => {
        if (leave !== undefined) signal?.removeEventListener("abort", leave)
        // Who has left is told by `leave`, which comes next.
        if (signal?.aborted === true) return
        if (exit.ok) resolve(exit.value as Awaited<A>)
        else fail(exit.error)
      })
    })
  return run
}
