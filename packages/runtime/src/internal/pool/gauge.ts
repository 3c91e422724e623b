/** What a pool's thread measures of its tasks, in memory that the loop reads without asking. */
import { Histogram, histogramLength } from "../monitor/histogram.ts"

/** What a thread is told to measure, and where to write it. */
export interface GaugeInput {
  readonly memory: SharedArrayBuffer
  /** Whether to look at its heap after each task. */
  readonly heap: boolean
}

export class Gauge {
  readonly #heap: Float64Array
  /** How long its tasks ran. */
  readonly run: Histogram

  constructor(memory: SharedArrayBuffer) {
    this.#heap = new Float64Array(memory, 0, 1)
    this.run = new Histogram(new Float64Array(memory, Float64Array.BYTES_PER_ELEMENT, histogramLength))
  }

  /** Bytes of its heap that were in use after the last task. 0 where it does not look. */
  get heapUsed(): number {
    return this.#heap[0] as number
  }
  set heapUsed(bytes: number) {
    this.#heap[0] = bytes
  }
}

/** Memory for one gauge. */
export const gaugeMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer((1 + histogramLength) * Float64Array.BYTES_PER_ELEMENT)
