/** Cuts what a process writes into lines. */

/** A line that is longer is cut, so that what waits for its end is bounded. In UTF-16 units. */
const LONGEST = 8192

export class Lines {
  readonly #decoder = new TextDecoder()
  readonly #onLine: (line: string) => void
  #rest = ""

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  add(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** There will be no more: what is there is the last line. */
  end(): void {
    this.#take(this.#decoder.decode())
    const rest = this.#rest
    this.#rest = ""
    if (rest !== "") this.#onLine(rest)
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/)
    const pieces = lines.map(cut)
    this.#rest = pieces.at(-1)?.pop() ?? ""
    for (const line of pieces.flat()) this.#onLine(line)
  }
}

/** A line in pieces that are not too long; at least one. */
const cut = (line: string): string[] => {
  const pieces: string[] = []
  let rest = line
  while (rest.length > LONGEST) {
    const last = rest.charCodeAt(LONGEST - 1)
    // Not between the two halves of a character.
    const at = last >= 0xd800 && last <= 0xdbff ? LONGEST - 1 : LONGEST
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  pieces.push(rest)
  return pieces
}
