/** Warms a subject up until its figures are steady. */

/** Milliseconds from any fixed moment. */
export type Clock = () => number

export const clock: Clock = () => performance.now()

const firstWindowMs = 10
const windowsThatAgree = 3
const steadyWithin = 0.05

const agree = (figures: ReadonlyArray<number>): boolean =>
  figures.length === windowsThatAgree && Math.max(...figures) <= Math.min(...figures) * (1 + steadyWithin)

/**
 * Runs windows until the figures of three in a row lie within 5 percent of each other, or the time is up. Each window is
 * twice as long as the one before it: an engine can run code unoptimised, and steadily so, for as long as any fixed
 * length, and equal windows would take that for the end of warming up.
 *
 * @param window runs for so many milliseconds, or a little longer, and gives its figure.
 * @param limitMs the most to spend; a last window is cut to what is left.
 */
export const warmUpUntilSteady = async (
  window: (ms: number) => Promise<number>,
  limitMs: number,
  now: Clock = clock,
): Promise<void> => {
  const end = now() + limitMs
  let figures: ReadonlyArray<number> = []
  for (let length = firstWindowMs; !agree(figures); length *= 2) {
    const left = end - now()
    if (left <= 0) return
    figures = [...figures, await window(Math.min(length, left))].slice(-windowsThatAgree)
  }
}
