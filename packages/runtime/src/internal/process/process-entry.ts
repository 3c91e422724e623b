/** What a process starts with: its name, its mode and the token of its marks are its arguments. It imports nothing of Effect. */
import process from "node:process"
import { takeSeat } from "../portal/seat.ts"
import type { Frame } from "./frame.ts"
import { processSeat } from "./seat.ts"
import { serve } from "./serve.ts"
import { markLine } from "./task-output.ts"

const mode = process.argv[3]
const token = process.argv[4] ?? ""
// As they are now: a task may replace them.
const { log, error } = console

takeSeat(processSeat)

const handle = serve(
  // That a message does not arrive means that the program is gone, which "disconnect" tells.
  (frame) => void process.send?.(frame, undefined, undefined, () => {}),
  mode === "blocking",
  (thrown) => {
    // As any other uncaught error: the process ends, and its last words say why.
    queueMicrotask(() => {
      throw thrown
    })
  },
  (number) => {
    log(markLine(token, number))
    error(markLine(token, number))
  },
)

process.on("message", (frame) => handle(frame as Frame))
// The program has closed this process, or is gone. Whatever the object left behind, timers or sockets, ends with it.
const end = (): never => process.exit(0)
process.on("disconnect", end)
// It may have gone while this process was starting, before anyone listened: a message that says nothing finds out.
if (process.connected) process.send?.([0, 0, 0, new Uint8Array(0)], undefined, undefined, (error) => error && end())
else end()
