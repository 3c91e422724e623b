/**
 * The layout of the shared memory between the loop and one worker.
 *
 * Every control word has a cache line of its own, so that the two threads do not slow each other down by writing to
 * neighbouring words.
 *
 * ```
 * 0     requests: head, tail, wanted      (loop writes frames, worker reads)
 * 192   responses: head, tail, wanted     (worker writes frames, loop reads)
 * 384   worker's doorbell: count, armed, closed and rung at
 * 512   loop's doorbell: count, armed, closed and rung at
 * 640   … frames of requests, frames of responses
 * ```
 */
const LINE = 64

/** Byte offsets of a ring's control words. */
export interface RingLayout {
  readonly head: number
  readonly tail: number
  readonly wanted: number
  readonly data: number
  /** Bytes for frames; a power of two. */
  readonly capacity: number
}

/** Byte offsets of a doorbell's control words. */
export interface DoorbellLayout {
  readonly count: number
  readonly armed: number
}

/** How much memory each direction has, in bytes; powers of two, at least 256. */
export interface Sizes {
  readonly requests: number
  readonly responses: number
}

/** A quarter of a megabyte towards the worker, half a megabyte back: rows flow back. */
export const defaultSizes: Sizes = { requests: 256 * 1024, responses: 512 * 1024 }

/** Where everything is. */
export interface Layout {
  readonly requests: RingLayout
  readonly responses: RingLayout
  readonly workerBell: DoorbellLayout
  readonly loopBell: DoorbellLayout
  readonly bytes: number
}

const ring = (control: number, data: number, capacity: number): RingLayout => {
  if (capacity < 256 || (capacity & (capacity - 1)) !== 0) {
    throw new RangeError(`a ring's capacity must be a power of two of at least 256 bytes, not ${capacity}`)
  }
  return { head: control, tail: control + LINE, wanted: control + 2 * LINE, data, capacity }
}

/** Computes the layout for rings of the given sizes. */
export const layout = (sizes: Sizes): Layout => {
  const data = 10 * LINE
  return {
    requests: ring(0, data, sizes.requests),
    responses: ring(3 * LINE, data + sizes.requests, sizes.responses),
    workerBell: { count: 6 * LINE, armed: 7 * LINE },
    loopBell: { count: 8 * LINE, armed: 9 * LINE },
    bytes: data + sizes.requests + sizes.responses,
  }
}
