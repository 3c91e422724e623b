/** Numbers that look random and are the same for the same seed: mulberry32. */
export interface Random {
  /** An integer from 0 to `below` - 1. */
  readonly below: (below: number) => number
}

export const seeded = (seed: number): Random => {
  let state = seed | 0
  return {
    below: (below) => {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below)
    },
  }
}
