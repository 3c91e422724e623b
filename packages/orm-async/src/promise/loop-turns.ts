import { now, soon } from "../operation/timer.ts"

/** For how long answers may follow each other without a turn of the event loop, in milliseconds. */
const longest = 10

/** When the first answer since the last turn of the loop was given; undefined while there was none. */
let since: number | undefined
let waiting: Array<() => void> = []

const turn = (): void => {
  since = undefined
  const resumed = waiting
  waiting = []
  for (const resume of resumed) resume()
}

/**
 * Keeps a program alive whose database answers before a call returns: its promises would follow each other by microtasks
 * alone, and no timer, signal or request would be seen.
 *
 * @returns a promise of the next turn of the loop, if answers have followed each other without one for 10 milliseconds
 */
export const turnIfDue = (): Promise<void> | undefined => {
  if (since === undefined) {
    since = now()
    soon(turn)
    return undefined
  }
  if (now() - since < longest) return undefined
  return new Promise((resolve) => waiting.push(resolve))
}
