/** The cells that cross in one piece: the loop decodes them in a fraction of a millisecond. */
const cellsPerPart = 8192
const bytesPerPart = 128 * 1024

/** Cells that wait to be asked for, beyond the first part of an answer. */
export class Parts {
  readonly #rest = new Map<number, { readonly cells: ReadonlyArray<unknown>; at: number }>()
  #last = 0

  /** Gives the first part of cells, and the number under which the rest is asked for: 0 where this is all. */
  first(cells: Array<unknown>): { readonly cells: Array<unknown>; readonly rest: number } {
    const end = partEnd(cells, 0)
    if (end === cells.length) return { cells, rest: 0 }
    const rest = ++this.#last
    this.#rest.set(rest, { cells, at: end })
    return { cells: cells.slice(0, end), rest }
  }

  /** Gives the next part, with one more cell that says whether it was the last one. */
  next(number: number): Array<unknown> {
    const rest = this.#rest.get(number)
    if (rest === undefined) throw new Error(`no part of a result is left under the number ${number}`)
    const from = rest.at
    rest.at = partEnd(rest.cells, from)
    const isLast = rest.at === rest.cells.length
    if (isLast) this.#rest.delete(number)
    const part = rest.cells.slice(from, rest.at)
    part.push(isLast)
    return part
  }

  clear(): void {
    this.#rest.clear()
  }
}

/** A cell is never divided, and a part has at least one. */
const partEnd = (cells: ReadonlyArray<unknown>, from: number): number => {
  const most = Math.min(cells.length, from + cellsPerPart)
  let bytes = 0
  for (let at = from; at < most; at++) {
    const cell = cells[at]
    if (typeof cell === "string") bytes += cell.length
    else if (typeof cell === "object" && cell !== null) bytes += (cell as Uint8Array).byteLength
    if (bytes > bytesPerPart) return at + 1
  }
  return most
}
