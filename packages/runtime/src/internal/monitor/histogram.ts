/**
 * Counts of durations in buckets whose width grows with the duration: every duration is known to within 1/64 of itself,
 * in a fixed amount of memory. The smallest, the largest and the mean are exact.
 */
const SUB_BITS = 6
const SUB = 1 << SUB_BITS
/** Microseconds; durations beyond (19 hours) are counted in the last bucket. */
const MAX_EXPONENT = 36

const BUCKETS = SUB + (MAX_EXPONENT - SUB_BITS) * SUB

// Where the three numbers that are exact stand, before the counts.
const COUNT = 0
const SUM = 1
const MAX = 2
const COUNTS = 3

/** How many numbers a histogram keeps. */
export const histogramLength = COUNTS + BUCKETS

/** What there is to know of durations, in milliseconds. All 0 where there were none. */
export interface Distribution {
  /** Half of them are no longer. To within 1/64. */
  readonly p50: number
  /** 99% of them are no longer. To within 1/64. */
  readonly p99: number
  readonly max: number
  readonly mean: number
  /** How many there were. */
  readonly count: number
}

export class Histogram {
  readonly #numbers: Float64Array

  /** The memory may be shared: one thread records, others read. */
  constructor(numbers: Float64Array = new Float64Array(histogramLength)) {
    this.#numbers = numbers
  }

  get count(): number {
    return this.#numbers[COUNT] as number
  }
  /** In milliseconds; 0 when nothing was recorded. */
  get mean(): number {
    return this.count === 0 ? 0 : (this.#numbers[SUM] as number) / this.count
  }
  /** In milliseconds; 0 when nothing was recorded. */
  get max(): number {
    return this.#numbers[MAX] as number
  }

  /** Records a duration in milliseconds. */
  record(millis: number): void {
    const numbers = this.#numbers
    const index = COUNTS + bucket(millis * 1000)
    numbers[index] = (numbers[index] as number) + 1
    numbers[COUNT] = (numbers[COUNT] as number) + 1
    numbers[SUM] = (numbers[SUM] as number) + millis
    if (millis > (numbers[MAX] as number)) numbers[MAX] = millis
  }

  /** Records what another has. */
  add(other: Histogram): void {
    const max = Math.max(this.max, other.max)
    for (let index = 0; index < histogramLength; index++) {
      this.#numbers[index] = (this.#numbers[index] as number) + (other.#numbers[index] as number)
    }
    this.#numbers[MAX] = max
  }

  /** Tells how many more there are than in another, which this one was once equal to: for each duration, rounded. */
  since(other: Histogram, tell: (millis: number, count: number) => void): void {
    for (let index = 0; index < BUCKETS; index++) {
      const more = (this.#numbers[COUNTS + index] as number) - (other.#numbers[COUNTS + index] as number)
      if (more > 0) tell(Math.min(this.max, upperEdge(index) / 1000), more)
    }
  }

  /** The duration, in milliseconds, that the given share (0 to 1) of all durations does not exceed. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.count))
    let seen = 0
    for (let index = 0; index < BUCKETS; index++) {
      seen += this.#numbers[COUNTS + index] as number
      if (seen >= wanted) return Math.min(this.max, upperEdge(index) / 1000)
    }
    return 0
  }

  get distribution(): Distribution {
    const { max, mean, count } = this
    return { p50: this.quantile(0.5), p99: this.quantile(0.99), max, mean, count }
  }

  /** Forgets everything. */
  reset(): void {
    this.#numbers.fill(0)
  }
}

const bucket = (micros: number): number => {
  if (micros < SUB) return Math.max(0, Math.floor(micros))
  const exponent = Math.floor(Math.log2(micros))
  if (exponent >= MAX_EXPONENT) return BUCKETS - 1
  const offset = Math.floor((micros / 2 ** exponent - 1) * SUB)
  return SUB + (exponent - SUB_BITS) * SUB + Math.min(SUB - 1, offset)
}

const upperEdge = (index: number): number => {
  if (index < SUB) return index + 1
  const exponent = Math.floor((index - SUB) / SUB) + SUB_BITS
  return 2 ** exponent * (1 + (((index - SUB) % SUB) + 1) / SUB)
}
