/** The time of the event loop that an operation takes. */
import { performance } from "node:perf_hooks"
import type { Part } from "../suite.ts"
import { CannotTakePart } from "../suite.ts"
import { drive, type Operation } from "./operation.ts"

/**
 * Milliseconds for which this thread has been busy. Node tells how long its loop was not waiting; Bun and Deno do not,
 * but tell how long the thread had a processor, which is the same for work that does not wait for a disk.
 */
const busyMs = (): (() => number) => {
  if (performance.eventLoopUtilization?.().active > 0) return () => performance.eventLoopUtilization().active
  const { threadCpuUsage } = process
  if (typeof threadCpuUsage !== "function") throw new CannotTakePart("this runtime does not tell how busy a thread was")
  return () => {
    const { user, system } = threadCpuUsage.call(process)
    return (user + system) / 1000
  }
}

/** One sample a round: the loop's busy time over the round, for one operation, in microseconds. */
export const loopTimePart = (operation: Operation<unknown>, checked: Part): Part => {
  const busy = busyMs()
  let next = 0
  const run = async (ms: number): Promise<number> => {
    const end = performance.now() + ms
    const before = busy()
    const first = next
    do {
      await drive(operation, next, 1, 1)
      next++
    } while (performance.now() < end)
    return ((busy() - before) * 1000) / (next - first)
  }
  return {
    check: checked.check,
    warmUp: async (ms) => void (await run(ms)),
    round: async (ms) => [await run(ms)],
    finish: async () => ({ operationsPerSample: next }),
  }
}
