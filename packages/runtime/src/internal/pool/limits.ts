/** What a pool has, but need not be told. */
export interface Limits {
  /** What its threads and its statistics are called. */
  readonly name: string
  /** Whether its threads share memory with the loop, in which they measure their jobs. */
  readonly measured: boolean
  /** How many jobs a thread runs at most. */
  readonly maxTasks: number
  /** How much of its heap a thread may use after a job, in bytes. */
  readonly maxHeapBytes: number
  /** How long a job that was left behind may go on, in milliseconds. */
  readonly abandonMillis: number
  /** How long closing waits for what runs, in milliseconds. */
  readonly shutdownMillis: number
}

/** Threads are neither replaced nor ended for what they do. */
export const everlasting = {
  maxTasks: Number.POSITIVE_INFINITY,
  maxHeapBytes: Number.POSITIVE_INFINITY,
  abandonMillis: Number.POSITIVE_INFINITY,
}

/** A pool that was told nothing. */
export const unlimited: Limits = {
  ...everlasting,
  name: "offloop",
  measured: false,
  shutdownMillis: Number.POSITIVE_INFINITY,
}
