/** What the soak runs in threads, processes and inline. */
import { fromThread, logInfo, transfer } from "../../src/worker.ts"

export const add = (a: number, b: number): number => a + b

export const addLater = async (a: number, b: number): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve))
  return a + b
}

export const fail = (message: string): never => {
  throw new RangeError(message)
}

/** The exit code of what crashes on purpose. */
export const crashCode = 3

export const crash = (): never => process.exit(crashCode)

/** Keeps its thread for a while. */
export const work = (millis: number): number => {
  const end = performance.now() + millis
  while (performance.now() < end);
  return millis
}

/** Keeps its thread for a while, as native code that waits does. */
export const hold = (millis: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)
}

/** Logs as many words. */
export const say = (words: number): void => {
  for (let n = 0; n < words; n++) logInfo("a word")
}

export const giveBack = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => transfer(bytes, [bytes.buffer])

export function* upTo(last: number): Generator<number> {
  for (let n = 1; n <= last; n++) yield n
}

export const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(7)

export const ask = (n: number): number => fromThread.run("double", n) as number

export interface Sum {
  add(n: number): number
  upTo(last: number): Generator<number>
  crash(): never
}

export const makeSum = (start: number): Sum => {
  let value = start
  return {
    add: (n) => {
      value += n
      return value
    },
    upTo,
    crash,
  }
}
