/** Times the first operations of a process: each of them by itself, and none of them before. */
import { drive, type Operation } from "./operation.ts"
import { type Clock, clock } from "./warm-up.ts"

export interface FirstOperations<A> {
  /** By index. */
  readonly answers: ReadonlyArray<A>
  /** By index, in microseconds: how long its caller waited. */
  readonly waits: ReadonlyArray<number>
  /** From the first question to the last answer, in milliseconds. */
  readonly totalMs: number
}

/**
 * A caller asks again in the moment in which it is answered, so it waits from its last answer to its next. That holds for
 * callers of a library that blocks them, too: with as many at once, each waits until all others had their turn.
 */
export const firstOperations = async <A>(
  operation: Operation<A>,
  count: number,
  inFlight: number,
  now: Clock = clock,
): Promise<FirstOperations<A>> => {
  const answers: Array<A> = Array(count)
  const indexes = new Uint32Array(count)
  const times = new Float64Array(count)
  let answered = 0
  const start = now()
  await drive(operation, 0, count, inFlight, (index, answer) => {
    times[answered] = now()
    indexes[answered++] = index
    answers[index] = answer
  })
  const waits: Array<number> = Array(count)
  // The first answer lets the caller go on that asks first of those beyond the ones in flight, and so on.
  for (const [place, index] of indexes.entries()) {
    const asked = index < inFlight ? start : times[index - inFlight]!
    waits[index] = (times[place]! - asked) * 1000
  }
  return { answers, waits, totalMs: times[count - 1]! - start }
}
