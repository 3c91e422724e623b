/** The functions that every subject of the hop suite runs in its worker. */

export interface HopRow {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly score: number
  readonly active: boolean
}

export const empty = (): undefined => undefined

export const echo = (bytes: Uint8Array): Uint8Array => bytes

const row = (id: number): HopRow => ({
  id,
  name: `Person ${id}`,
  email: `person${id}@example.org`,
  score: id / 8,
  active: id % 3 === 0,
})

/** Made once: the suite times the way back, not the making. */
const thousand: ReadonlyArray<HopRow> = Array.from({ length: 1000 }, (_, id) => row(id))

/** The items of a stream, made one by one as they are asked for. */
export function* numbers(count: number): Generator<number> {
  for (let number = 0; number < count; number++) yield number
}

/** Sums up a stream so that an item too few, too many or out of order shows. */
export const digest = (sum: number, item: number): number => (Math.imul(sum, 31) + item) | 0

export const rows = (): ReadonlyArray<HopRow> => thousand
