/** What processes write, as the program's logs. */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type { OnLine } from "./process-link.ts"

/** Logs each line with the loggers, annotations and spans of a fiber: stdout as information, stderr as a warning. */
export const logLines =
  (runtime: Runtime.Runtime<never>): OnLine =>
  ({ worker, pid, from, text }) => {
    const log = from === "stdout" ? Effect.logInfo(text) : Effect.logWarning(text)
    Runtime.runFork(runtime)(Effect.annotateLogs(log, { worker, pid, stream: from }))
  }
