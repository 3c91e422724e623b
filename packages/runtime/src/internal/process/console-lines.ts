/** Prints what processes write as log entries of a program without Effect. */
import { logLine } from "../context/log-line.ts"
import type { OnLine } from "./process-link.ts"

/** Prints each line: stdout as information, stderr as a warning. */
export const consoleLines: OnLine = ({ worker, pid, from, text }) => {
  const annotations: ReadonlyArray<readonly [string, unknown]> = [
    ["worker", worker],
    ["pid", pid],
    ["stream", from],
  ]
  console.log(
    logLine({ level: from === "stdout" ? "Info" : "Warning", message: [text], annotations, time: Date.now() }),
  )
}
