/** What a stream iterates, with its code running for the call that made the stream, in between other calls. */
import type { Source } from "../stream/iterate.ts"
import { type Here, place, within } from "./place.ts"

/** The source itself, where nobody asks for which call code runs. */
export const enteredSource = (source: Source, at: Here): Source => {
  if (place.storage === undefined) return source
  if (source.later) {
    const { iterator } = source
    return {
      later: true,
      iterator: {
        next: () => within(at, () => iterator.next()),
        ...(iterator.return === undefined ? {} : { return: () => within(at, () => ended(iterator)) }),
      },
    }
  }
  const { iterator } = source
  return {
    later: false,
    iterator: {
      next: () => within(at, () => iterator.next()),
      ...(iterator.return === undefined ? {} : { return: () => within(at, () => ended(iterator)) }),
    },
  }
}

const ended = <R>(iterator: { return?(): R }): R => iterator.return?.() as R
