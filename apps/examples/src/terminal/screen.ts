import type { WriteStream } from "node:tty"
import { styleText } from "node:util"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The output for a program's words to people. */
export class Screen extends Context.Tag("@offloop/examples/Screen")<
  Screen,
  {
    readonly stream: WriteStream
    /** Someone watches: lines may be overwritten, and there may be colour. */
    readonly isTerminal: boolean
    readonly columns: number
    readonly print: (text: string) => Effect.Effect<void>
    readonly heading: (text: string) => Effect.Effect<void>
  }
>() {
  /** Prints on `stream`: `process.stdout`, or `process.stderr` where stdout is for data. */
  static readonly layer = (stream: WriteStream): Layer.Layer<Screen> =>
    Layer.sync(Screen, () => {
      const print = (text: string) => Effect.sync(() => void stream.write(`${text}\n`))
      const isTerminal = stream.isTTY === true
      return {
        stream,
        isTerminal,
        columns: isTerminal ? stream.columns : 80,
        print,
        heading: (text) => print(`\n${isTerminal ? styleText("bold", text) : text}`),
      }
    })
}
