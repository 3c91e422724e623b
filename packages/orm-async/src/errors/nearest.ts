/** The number of single-character changes between two words. */
const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same))
    }
    previous = row
  }
  return previous[b.length]!
}

/** The candidate that a mistyped word probably means; undefined where none is near. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | undefined => {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, "")
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const d = distance(plain(word), plain(candidate))
    if (d < bestDistance) [best, bestDistance] = [candidate, d]
  }
  return best
}
