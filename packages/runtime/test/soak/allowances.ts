/** What the runtimes themselves keep, seen in programs of ten lines that start workers of `node:worker_threads`, and nothing else. */

const deno = "Deno" in globalThis
const bun = "Bun" in globalThis

/**
 * The runtime's own threads, which come and go with what there is to do. Proof: 20 empty workers, 8 at a time, with some
 * files read, leave 10 threads `tokio-runtime-w` where 3 were, and one more `deno`, in Deno, and one each `JSCWarmUp`,
 * `HeapHelper`, `s Signal Sender` and two `Bun Pool` in Bun; a worker's own are `worker-2` and `Worker`. Node has none.
 */
export const runtimeThreads: RegExp | undefined = deno
  ? /^(deno|tokio-runtime-w|V8 DefaultWorke)$/
  : bun
    ? /^(bun(\.exe)?|JITWorker|JSCWarmUp|HeapHelper|mi-scavenger|s Signal Sender|Bun Pool \d+)$/
    : undefined

export interface Allowances {
  readonly threads: number
  readonly descriptors: number
  /** In words, what is allowed and why. */
  readonly reasons: ReadonlyArray<string>
}

/**
 * Proof of the descriptors: 45 workers, one after the other, that do `await null; process.exit(3)` leave 90 behind in Deno,
 * and none if they exit in a macrotask, or in Node or Bun.
 */
export const allowances = (crashedThreads: number): Allowances => {
  const descriptors = deno ? 2 * crashedThreads : 0
  const reasons: string[] = []
  if (runtimeThreads !== undefined)
    reasons.push(`threads of the runtime's own are not counted: ${runtimeThreads.source}`)
  if (descriptors > 0) {
    reasons.push(
      `${descriptors} descriptors: Deno leaves 2 behind for each of the ${crashedThreads} threads that called process.exit in a microtask`,
    )
  }
  return { threads: 0, descriptors, reasons }
}
