/** Tells whether a value is a promise, from any library. What throws when it is asked is none. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> => {
  if (typeof value !== "object" || value === null) return false
  try {
    return typeof (value as { then?: unknown }).then === "function"
  } catch {
    return false
  }
}
