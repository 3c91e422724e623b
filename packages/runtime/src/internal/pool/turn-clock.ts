/** The time, looked at once for everything that happens in the same go: reading a clock costs more than counting. */
let at = -1

const stale = (): void => {
  at = -1
}

/** Milliseconds on a clock that never goes back; the same until the microtasks that are queued now have run. */
export const turnNow = (): number => {
  if (at < 0) {
    at = performance.now()
    queueMicrotask(stale)
  }
  return at
}
