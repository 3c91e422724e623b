import { PassThrough } from "node:stream"
import type { WriteStream } from "node:tty"

/** An output stream that remembers what was written, posing as a terminal of 100 columns or as none. */
export const recordingStream = (options: { isTTY: boolean }): { stream: WriteStream; text: () => string } => {
  const chunks: Array<string> = []
  const through = new PassThrough()
  through.on("data", (chunk: Buffer) => chunks.push(chunk.toString("utf8")))
  const stream = Object.assign(through, { isTTY: options.isTTY, columns: 100, rows: 30 })
  return { stream: stream as unknown as WriteStream, text: () => chunks.join("") }
}
