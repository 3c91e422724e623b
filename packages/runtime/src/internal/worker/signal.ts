/** The abort signal of the task that is running, however many overlap. */
import { AsyncLocalStorage } from "node:async_hooks"

// By a global symbol, because a bundle can have this module twice: with the worker's entry and with the task.
const key = Symbol.for("@offloop/runtime/signal")
const holder = globalThis as { [key]?: AsyncLocalStorage<AbortSignal> }
holder[key] ??= new AsyncLocalStorage<AbortSignal>()
const storage = holder[key]

const never = new AbortController().signal

/** Runs a function, and everything that it starts, with a signal. */
export const withSignal = <A>(signal: AbortSignal, run: () => A): A => storage.run(signal, run)

/**
 * The signal of the task that asks: aborted when whoever called `OffLoop.run` is interrupted. Where nobody can ask to
 * stop, in a task of `OffLoop.runSync` and outside of tasks, a signal that is never aborted. Does no I/O.
 *
 * ```ts
 * import { currentSignal } from "@offloop/runtime/worker"
 *
 * export const load = async (url: string): Promise<string> => (await fetch(url, { signal: currentSignal() })).text()
 * ```
 */
export const currentSignal = (): AbortSignal => storage.getStore() ?? never
