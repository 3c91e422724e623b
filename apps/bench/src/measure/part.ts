/** Parts in a case, made of operations. */
import type { Part } from "../suite.ts"
import { differenceBetween } from "./answer.ts"
import type { Operation } from "./operation.ts"
import { makeSampler } from "./sampler.ts"

export interface OperationPart<A> {
  readonly operation: Operation<A>
  readonly inFlight: number
  /** The answer to the operation with this index, by other means than the subject's. */
  readonly expected: (index: number) => unknown
  /** Indexes whose answers are checked. */
  readonly probes: ReadonlyArray<number>
  /** An answer as plain data, for the check alone, where a subject answers with objects of its own kind. */
  readonly plain?: ((answer: A) => unknown) | undefined
  /** Looks at how the subject is set up, before its answers are checked. */
  readonly inspect?: () => Promise<string | undefined>
  /** Looks at the traces of `operations` operations: what was acknowledged must have happened. */
  readonly audit?: (operations: number) => Promise<string | undefined>
  /** Microseconds unless the case says milliseconds. */
  readonly unit?: "µs" | "ms"
}

/** Checks the answers of some operations one at a time, then as many at once as the case keeps in flight. */
const checkAnswers = async <A>(part: OperationPart<A>): Promise<string | undefined> => {
  const { plain = (answer: A): unknown => answer } = part
  const setUp = await part.inspect?.()
  if (setUp !== undefined) return setUp
  for (const index of part.probes) {
    const difference = differenceBetween(part.expected(index), plain(await part.operation.run(index)))
    if (difference !== undefined) return `operation ${index}: ${difference}`
  }
  const together = Array.from({ length: part.inFlight }, (_, index) => index)
  const answers = await Promise.all(together.map((index) => part.operation.run(index)))
  for (const index of together) {
    const difference = differenceBetween(part.expected(index), plain(answers[index]!))
    if (difference !== undefined) return `operation ${index} of ${part.inFlight} at once: ${difference}`
  }
  return part.audit?.(part.probes.length + part.inFlight)
}

export const operationPart = <A>(part: OperationPart<A>): Part => {
  const sampler = makeSampler(part.operation, part.inFlight)
  const scale = part.unit === "ms" ? 1 / 1000 : 1
  return {
    check: () => checkAnswers(part),
    warmUp: sampler.warmUp,
    round: async (ms) => {
      const samples = await sampler.round(ms)
      return scale === 1 ? samples : samples.map((sample) => sample * scale)
    },
    finish: async () => ({
      operationsPerSample: sampler.operationsPerSample(),
      difference: await part.audit?.(sampler.operations() + part.probes.length + part.inFlight),
    }),
  }
}
