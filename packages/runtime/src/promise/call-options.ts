/** What every call of the Promise API takes. */

/** What every call takes. */
export interface CallOptions {
  /** Aborting it interrupts the call, which rejects with the signal's reason when the interruption has taken effect. */
  readonly signal?: AbortSignal | undefined
}

/** What is closed by `close`, or by leaving its `await using` block. */
export interface Closable extends AsyncDisposable {
  readonly close: () => Promise<void>
}

/** Closes once. Who asks again waits for that, and is not told what it failed with. */
export const closable = (close: () => Promise<void>): Closable => {
  let closing: Promise<void> | undefined
  const once = (): Promise<void> => {
    if (closing !== undefined) {
      return closing.then(
        () => {},
        () => {},
      )
    }
    closing = close()
    return closing
  }
  return { close: once, [Symbol.asyncDispose]: once }
}
