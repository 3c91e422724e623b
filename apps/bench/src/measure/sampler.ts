/** Times one operation in rounds, with tinybench taking the samples. */
import { Bench } from "tinybench"
import { drive, type Operation } from "./operation.ts"
import { median } from "./statistics.ts"
import { type Clock, clock, warmUpUntilSteady } from "./warm-up.ts"

/** A sample shorter than this would be a measurement of the clock and of one `await`. */
const shortestSampleMs = 0.1

/** One sample that something else interrupted must not decide what a window of the warm-up says. */
const samplesOfWindow = 3

export interface Sampler {
  /** Runs the operation until its time is steady or so long, and finds out how many operations one sample must have. */
  readonly warmUp: (limitMs: number) => Promise<void>
  /** Times of one operation, in microseconds; each is the mean over the operations of one sample. */
  readonly round: (ms: number) => Promise<ReadonlyArray<number>>
  readonly operationsPerSample: () => number
  /** The number of operations that have run in all. */
  readonly operations: () => number
}

/**
 * @param first the index that the first operation is given; each one after it is given the next.
 */
export const makeSampler = (
  operation: Operation<unknown>,
  inFlight: number,
  { first = 0, now = clock }: { readonly first?: number; readonly now?: Clock } = {},
): Sampler => {
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
    const before = now()
    const pending = run()
    if (pending !== undefined) await pending
    return now() - before
  }
  const sample = async () => {
    const elapsed = await timed()
    return { overriddenDuration: elapsed / count, overriddenIterationCost: elapsed }
  }
  const warmUpWindow = async (ms: number): Promise<number> => {
    const end = now() + ms
    const samples: Array<number> = []
    do {
      const operations = count
      const elapsed = await timed()
      samples.push(elapsed / operations)
      if (elapsed < shortestSampleMs) count *= 2
      else if (elapsed > shortestSampleMs * 4 && count > least) count = Math.max(least, Math.floor(count / 2))
    } while (samples.length < samplesOfWindow || now() < end)
    return median(samples)
  }
  return {
    warmUp: (limitMs) => warmUpUntilSteady(warmUpWindow, limitMs, now),
    round: async (ms) => {
      const bench = new Bench({ now, warmup: false, time: ms, iterations: 1, retainSamples: true, throws: true })
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
