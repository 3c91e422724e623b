/** How streams are asked for. */

/** What an iterable consists of: synchronous or asynchronous, or promised. */
export type Item<A> = [Awaited<A>] extends [AsyncIterable<infer T>]
  ? T
  : [Awaited<A>] extends [Iterable<infer T>]
    ? T
    : never

/** How a stream is made. */
export interface StreamOptions {
  /**
   * How many items, at most, the worker makes ahead of the reader. With 1 each item is made when it is asked for. Default:
   * 1024. Whatever their number, no more are made ahead while those under way take a megabyte.
   */
  readonly bufferSize?: number | undefined
}
