/** Statistics of samples. Pure. */
import type { Bucket, Case } from "../model.ts"

/** Ascending; the argument is left as it is. */
const sorted = (samples: ReadonlyArray<number>): Float64Array => Float64Array.from(samples).sort()

const quantileOfSorted = (ascending: Float64Array, q: number): number => {
  const position = (ascending.length - 1) * q
  const below = Math.floor(position)
  const low = ascending[below]!
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!
  // Equal neighbours are not interpolated: rounding could step outside them.
  return low === high ? low : low + (high - low) * (position - below)
}

/**
 * The value below which a share `q` of the samples lies, interpolated between neighbours.
 *
 * @throws RangeError when there are no samples, when `q` is not within 0 and 1, or when a sample is not finite.
 */
export const quantile = (samples: ReadonlyArray<number>, q: number): number => {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is between 0 and 1, not ${q}`)
  return quantileOfSorted(checked(samples), q)
}

export const median = (samples: ReadonlyArray<number>): number => quantile(samples, 0.5)

const checked = (samples: ReadonlyArray<number>): Float64Array => {
  if (samples.length === 0) throw new RangeError("No samples")
  const bad = samples.findIndex((sample) => !Number.isFinite(sample))
  if (bad >= 0) throw new RangeError(`Sample ${bad} is ${samples[bad]}`)
  return sorted(samples)
}

export interface Summary {
  readonly median: number
  readonly p95: number
  readonly p99: number
  readonly min: number
  readonly max: number
  readonly perRound: ReadonlyArray<number>
}

/** Each round's figure, and the quantiles of all rounds' samples together. */
export const summarise = (rounds: ReadonlyArray<ReadonlyArray<number>>, compare: Case["compare"]): Summary => {
  const perRound = rounds.map((samples) => quantile(samples, compare === "median" ? 0.5 : 0.99))
  const all = checked(rounds.flat())
  return {
    median: median(perRound),
    p95: quantileOfSorted(all, 0.95),
    p99: quantileOfSorted(all, 0.99),
    min: all[0]!,
    max: all[all.length - 1]!,
    perRound,
  }
}

/**
 * The factor by which `ours` is better than `theirs`: the median of the ratios of rounds that ran side by side, so that a
 * machine that slows down in the middle of a run slows both sides of each ratio.
 *
 * @throws RangeError when the rounds do not pair.
 */
export const pairedRatio = (
  ours: ReadonlyArray<number>,
  theirs: ReadonlyArray<number>,
  better: Case["better"],
): number => {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} rounds do not pair with ${theirs.length}`)
  return median(ours.map((own, round) => ratio(own, theirs[round]!, better)))
}

/** Two figures of zero are equally good; against zero alone, the smallest figure that is above it stands in. */
const ratio = (ours: number, theirs: number, better: Case["better"]): number => {
  if (ours === theirs) return 1
  const [dividend, divisor] = better === "less" ? [theirs, ours] : [ours, theirs]
  return dividend / Math.max(divisor, Number.EPSILON)
}

/** Four buckets to each doubling: fine enough to see a shape, coarse enough to print. */
const bucketsPerDoubling = 4

/** The distribution of samples: buckets that grow with what they count, the empty ones between left out. */
export const histogramOf = (samples: ReadonlyArray<number>): ReadonlyArray<Bucket> => {
  const counts = new Map<number, number>()
  for (const sample of checked(samples)) {
    const bucket = sample <= 0 ? Number.NEGATIVE_INFINITY : Math.ceil(Math.log2(sample) * bucketsPerDoubling)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return Array.from(counts, ([bucket, count]) => ({ upTo: 2 ** (bucket / bucketsPerDoubling), count }))
}
