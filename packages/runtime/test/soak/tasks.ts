/** What the soak runs in threads, processes and inline. */
import { fromThread } from "../../src/worker.ts"

export const add = (a: number, b: number): number => a + b

export const addLater = async (a: number, b: number): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve))
  return a + b
}

export const fail = (message: string): never => {
  throw new RangeError(message)
}

export const crash = (): never => process.exit(3)

/** Keeps its thread for a while. */
export const work = (millis: number): number => {
  const end = performance.now() + millis
  while (performance.now() < end);
  return millis
}

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
