/** Operations with a pause between them, in which the caller's thread works on something else. */
import type { Operation } from "./operation.ts"
import { type Clock, clock } from "./warm-up.ts"

/** Keeps the thread busy for so many microseconds. */
const work = (micros: number, now: Clock): void => {
  const end = now() + micros / 1000
  while (now() < end);
}

/**
 * Returns the operation with a pause before it, in which the thread works for so many microseconds. A sample of it holds
 * the pause as well.
 *
 * @param now the clock, in milliseconds
 */
export const paused = <A>(operation: Operation<A>, micros: number, now: Clock = clock): Operation<A> => {
  switch (operation.kind) {
    case "sync":
    case "promise": {
      const { run } = operation
      const later = (index: number) => {
        work(micros, now)
        return run(index)
      }
      return { kind: operation.kind, run: later } as Operation<A>
    }
    case "driven":
      return {
        ...operation,
        drive: (from, count, inFlight, onAnswer) =>
          operation.drive(from, count, inFlight, (index, answer) => {
            onAnswer?.(index, answer)
            work(micros, now)
          }),
      }
  }
}
