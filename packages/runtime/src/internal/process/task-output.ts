/**
 * Whose the lines are that a process writes to one of its outputs. What a process has written may be read long after its
 * task was answered, so it writes a mark to each output before a task begins: the lines behind a mark are that task's.
 */
import { Lines } from "./lines.ts"

/** A mark, as the process writes it: a line of its own, after the end of the line before it. */
export const markLine = (token: string, number: number): string => `\n${prefix(token)}${number}`

const prefix = (token: string): string => `\0offloop ${token} `

export class TaskOutput<L> {
  readonly #prefix: string
  readonly #lines = new Lines((line) => this.#take(line))
  readonly #onLine: (listener: L, line: string) => void
  /** Who is told of the lines behind a mark that was not read yet, the next first. */
  readonly #next: Array<readonly [number: number, listener: L]> = []
  #listener: L
  /** An empty line is told when it is known that the line behind it is no mark, which ends the line before it. */
  #empty = false

  /** `listener` is told of the lines before the first mark. */
  constructor(token: string, listener: L, onLine: (listener: L, line: string) => void) {
    this.#prefix = prefix(token)
    this.#listener = listener
    this.#onLine = onLine
  }

  /** Says who is told of the lines behind a mark. */
  expect(number: number, listener: L): void {
    this.#next.push([number, listener])
  }

  add(bytes: Uint8Array): void {
    this.#lines.add(bytes)
  }

  /** There will be no more. */
  end(): void {
    this.#lines.end()
    if (this.#empty) this.#tell("")
    this.#empty = false
  }

  #take(line: string): void {
    if (line.startsWith(this.#prefix)) {
      this.#empty = false
      this.#passed(Number(line.slice(this.#prefix.length)))
      return
    }
    if (this.#empty) this.#tell("")
    this.#empty = line === ""
    if (!this.#empty) this.#tell(line)
  }

  #tell(line: string): void {
    this.#onLine(this.#listener, line)
  }

  #passed(number: number): void {
    const at = this.#next.findIndex(([expected]) => expected === number)
    const found = this.#next[at]
    if (found === undefined) return
    this.#next.splice(0, at + 1)
    this.#listener = found[1]
  }
}
