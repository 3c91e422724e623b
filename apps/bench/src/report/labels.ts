/** Places names beside the ends of lines. Pure. */

/**
 * Places names that want to be at `wanted` (ascending) so that they are at least `gap` apart and as near as can be
 * to where they want to be: neighbours that would cover each other move apart together, around their common middle.
 *
 * @param least nothing is placed before it.
 */
export const placeLabels = (
  wanted: ReadonlyArray<number>,
  gap: number,
  least = Number.NEGATIVE_INFINITY,
): ReadonlyArray<number> => {
  // With the gaps taken out, "at least a gap apart" becomes "not descending": runs that descend share their mean.
  const runs: Array<{ mean: number; count: number }> = []
  for (const [index, place] of wanted.entries()) {
    let run = { mean: place - index * gap, count: 1 }
    for (let last = runs.at(-1); last !== undefined && last.mean > run.mean; last = runs.at(-1)) {
      const count = last.count + run.count
      run = { mean: (last.mean * last.count + run.mean * run.count) / count, count }
      runs.pop()
    }
    runs.push(run)
  }
  return runs
    .flatMap(({ mean, count }) => Array<number>(count).fill(mean))
    .map((mean, index) => Math.max(mean, least) + index * gap)
}
