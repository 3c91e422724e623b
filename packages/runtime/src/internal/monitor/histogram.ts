/**
 * Counts of durations in buckets whose width grows with the duration: every duration is known to within 1/64 of itself,
 * in a fixed amount of memory. The smallest, the largest and the mean are exact.
 */
const SUB_BITS = 6
const SUB = 1 << SUB_BITS
/** Microseconds; durations beyond (19 hours) are counted in the last bucket. */
const MAX_EXPONENT = 36

export class Histogram {
  readonly #counts = new Float64Array(SUB + (MAX_EXPONENT - SUB_BITS) * SUB)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }
  /** In milliseconds; 0 when nothing was recorded. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }
  /** In milliseconds; 0 when nothing was recorded. */
  get max(): number {
    return this.#max
  }

  /** Records a duration in milliseconds. */
  record(millis: number): void {
    const index = bucket(millis * 1000)
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#count++
    this.#sum += millis
    if (millis > this.#max) this.#max = millis
  }

  /** The duration, in milliseconds, that the given share (0 to 1) of all durations does not exceed. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index] as number
      if (seen >= wanted) return Math.min(this.#max, upperEdge(index) / 1000)
    }
    return 0
  }

  /** Forgets everything. */
  reset(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#sum = 0
    this.#max = 0
  }
}

const bucket = (micros: number): number => {
  if (micros < SUB) return Math.max(0, Math.floor(micros))
  const exponent = Math.floor(Math.log2(micros))
  if (exponent >= MAX_EXPONENT) return SUB + (MAX_EXPONENT - SUB_BITS) * SUB - 1
  const offset = Math.floor((micros / 2 ** exponent - 1) * SUB)
  return SUB + (exponent - SUB_BITS) * SUB + Math.min(SUB - 1, offset)
}

const upperEdge = (index: number): number => {
  if (index < SUB) return index + 1
  const exponent = Math.floor((index - SUB) / SUB) + SUB_BITS
  return 2 ** exponent * (1 + (((index - SUB) % SUB) + 1) / SUB)
}
