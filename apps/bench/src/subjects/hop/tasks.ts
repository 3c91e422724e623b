/** What every subject of the hop suite runs in its worker: the very same functions. */

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

export const rows = (): ReadonlyArray<HopRow> => thousand
