/**
 * Ends a Deno thread that has run out of its memory. Deno stops the code that asked for more, and ends the thread if that ran
 * in a macrotask. In a microtask, and so after each `await`, it stops the code alone: the thread lives on with a larger limit,
 * and whoever waits for the code would wait for ever.
 */
import { getHeapStatistics } from "node:v8"
import { resourceLimits } from "node:worker_threads"

/** How often to look, in milliseconds. A look costs a microsecond. */
const INTERVAL = 100

/** Looks whether the engine has raised the limit of this thread's heap, which it does when it stops code for want of memory. */
export const watchMemoryLimit = (): void => {
  if (!("Deno" in globalThis) || resourceLimits.maxOldGenerationSizeMb === undefined) return
  const limit = getHeapStatistics().heap_size_limit
  const look = (): void => {
    if (getHeapStatistics().heap_size_limit <= limit) return
    clearInterval(timer)
    const error = new Error("Worker terminated due to reaching memory limit: JS heap out of memory")
    throw Object.assign(error, { code: "ERR_WORKER_OUT_OF_MEMORY" })
  }
  const timer = setInterval(look, INTERVAL)
  timer.unref()
}
