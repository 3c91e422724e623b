/** Times one operation in rounds, with tinybench taking the samples. */
import { Bench } from "tinybench"
import { drive, type Operation } from "./operation.ts"

/** A sample shorter than this would be a measurement of the clock and of one `await`. */
const shortestSampleMs = 0.1

export interface Sampler {
  /** Runs the operation for so long, and finds out how many operations one sample must have. */
  readonly warmUp: (ms: number) => Promise<void>
  /** Times of one operation, in microseconds; each is the mean over the operations of one sample. */
  readonly round: (ms: number) => Promise<ReadonlyArray<number>>
  readonly operationsPerSample: () => number
  /** How many operations have run in all. */
  readonly operations: () => number
}

/**
 * @param first the index that the first operation is given; each one after it is given the next.
 */
export const makeSampler = (operation: Operation<unknown>, inFlight: number, first = 0): Sampler => {
  // With several in flight a sample is so long that starting the lanes, and waiting for the last of them, is a small part.
  const least = inFlight === 1 ? 1 : inFlight * 16
  let count = least
  let next = first
  const run = () => {
    const from = next
    next += count
    return drive(operation, from, count, inFlight)
  }
  const timed = async (): Promise<number> => {
    const before = performance.now()
    const pending = run()
    if (pending !== undefined) await pending
    return performance.now() - before
  }
  const sample = async () => {
    const elapsed = await timed()
    return { overriddenDuration: elapsed / count, overriddenIterationCost: elapsed }
  }
  return {
    warmUp: async (ms) => {
      const end = performance.now() + ms
      do {
        const elapsed = await timed()
        if (elapsed < shortestSampleMs) count *= 2
        else if (elapsed > shortestSampleMs * 4 && count > least) count = Math.max(least, Math.floor(count / 2))
      } while (performance.now() < end)
    },
    round: async (ms) => {
      const bench = new Bench({ warmup: false, time: ms, iterations: 1, retainSamples: true, throws: true })
      bench.add("round", sample, { async: true })
      const [task] = await bench.run()
      const result = task!.result
      if (result.state !== "completed") throw new Error(`The round ended as ${result.state}`)
      return Array.from(result.latency.samples!, (perOperation) => perOperation * 1000)
    },
    operationsPerSample: () => count,
    operations: () => next - first,
  }
}
