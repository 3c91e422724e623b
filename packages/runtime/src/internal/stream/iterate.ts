/** Finds how to go through what a task or method returned. */

/** An iterator of either kind. */
export type Source =
  | { readonly later: false; readonly iterator: Iterator<unknown> }
  | { readonly later: true; readonly iterator: AsyncIterator<unknown> }

/** An asynchronous iterator is preferred where there are both. `undefined` where there is neither. */
export const sourceOf = (value: unknown): Source | undefined => {
  if (value === null || value === undefined) return undefined
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = value as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >
  if (typeof later === "function") return { later: true, iterator: later.call(value) }
  if (typeof now === "function") return { later: false, iterator: now.call(value) }
  return undefined
}
