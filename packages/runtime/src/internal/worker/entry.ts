/** What a worker thread starts with, unless the program named a file with `threads`. */
import { workerData } from "node:worker_threads"
import { serveThread, type WorkerInput } from "./thread.ts"

// Not awaited: a thread that exits while its first module is being evaluated leaves two descriptors behind in Deno.
serveThread(workerData as WorkerInput)
