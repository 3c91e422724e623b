const mostShapes = 2000

/**
 * Shapes that are made of two others, each made once: the same string object comes again, whose hash is known, so that
 * to look a statement up costs no pass over its shape. Bounded: a full table starts anew.
 */
export class ShapeTable {
  readonly #join: (left: string, right: string) => string
  readonly #rows = new Map<string, Map<string, string>>()
  #size = 0

  constructor(join: (left: string, right: string) => string) {
    this.#join = join
  }

  /** The shape of `left` and `right` together. */
  of(left: string, right: string): string {
    let row = this.#rows.get(left)
    const known = row?.get(right)
    if (known !== undefined) return known
    if (++this.#size > mostShapes) {
      this.#rows.clear()
      this.#size = 1
      row = undefined
    }
    if (row === undefined) {
      row = new Map()
      this.#rows.set(left, row)
    }
    const shape = this.#join(left, right)
    row.set(right, shape)
    return shape
  }
}
