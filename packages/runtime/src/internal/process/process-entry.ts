/** What a process starts with: its name and its mode are its arguments. It imports nothing of Effect. */
import process from "node:process"
import { takeSeat } from "../portal/seat.ts"
import type { Frame } from "./frame.ts"
import { processSeat } from "./seat.ts"
import { serve } from "./serve.ts"

const mode = process.argv[3]

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
)

process.on("message", (frame) => handle(frame as Frame))
// The program has closed this process, or is gone. Whatever the object left behind, timers or sockets, ends with it.
const end = (): never => process.exit(0)
process.on("disconnect", end)
// It may have gone while this process was starting, before anyone listened: a message that says nothing finds out.
if (process.connected) process.send?.([0, 0, 0, new Uint8Array(0)], undefined, undefined, (error) => error && end())
else end()
