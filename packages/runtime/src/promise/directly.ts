/** Runs tasks for promises without an Effect in between. */
import type { Submit } from "../internal/pool/direct.ts"
import { stay } from "../internal/transport/moves.ts"
import type { Task } from "../Task.ts"
import { type CallOptions, calledFrom, outsideOf } from "./run.ts"

interface Options extends CallOptions {
  readonly abandonOnCancel?: boolean | undefined
}

/** A function that runs a task, and does with the signal what interrupting the Effect would do. */
export const runDirectly =
  (submit: Submit, { signal, abandonOnCancel = false }: Options) =>
  async <Args extends ReadonlyArray<unknown>, A, E = never>(
    task: Task<Args, A, E>,
    ...args: Args
  ): Promise<Awaited<A>> => {
    const aborted = () => signal?.aborted === true
    if (aborted()) {
      stay(args)
      throw signal?.reason
    }
    try {
      return (await outcome(submit, task, args, signal, abandonOnCancel)) as Awaited<A>
    } catch (error) {
      // A reason is its caller's own.
      if (aborted() && error === signal?.reason) throw error
      // Engines know here who awaits the promise, so that a call that succeeds need not remember who made it, which would
      // take longer than the call.
      throw calledFrom(error, outsideOf(new Error()))
    }
  }

const outcome = (
  submit: Submit,
  task: Task<never, unknown, unknown>,
  args: ReadonlyArray<unknown>,
  signal: AbortSignal | undefined,
  abandonOnCancel: boolean,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const submission = submit(task, args)
    const leave = signal && (() => submission.leave(abandonOnCancel, () => reject(signal.reason)))
    if (leave !== undefined) signal?.addEventListener("abort", leave, { once: true })
    submission.start(undefined, (exit) => {
      if (leave !== undefined) signal?.removeEventListener("abort", leave)
      // Who has left is told by `leave`, which comes next.
      if (signal?.aborted === true) return
      if (exit.ok) resolve(exit.value)
      else reject(exit.error)
    })
  })
