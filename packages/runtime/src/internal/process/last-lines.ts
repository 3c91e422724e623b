/** The last lines that a process wrote: what it said before it died. */

/** As many as the stack of native code and the words before it have. */
const LINES = 100
/** In UTF-16 units. */
const LENGTH = 8192

export class LastLines {
  readonly #lines: string[] = []
  #length = 0

  add(line: string): void {
    this.#lines.push(line)
    this.#length += line.length
    while (this.#lines.length > 1 && (this.#lines.length > LINES || this.#length > LENGTH)) {
      this.#length -= this.#lines.shift()?.length ?? 0
    }
  }

  /** `undefined` where there are none. */
  get text(): string | undefined {
    return this.#lines.length === 0 ? undefined : this.#lines.join("\n")
  }
}
