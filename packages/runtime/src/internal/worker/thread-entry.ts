/** What a worker thread starts with, unless the program named a file with `threads`. */
import { workerData } from "node:worker_threads"
import { isWorkerInput, serveThread } from "./thread.ts"
import { handedOver } from "./web-input.ts"

const input = isWorkerInput(workerData) ? workerData : await handedOver()
// Not awaited: a thread that exits while its first module is being evaluated leaves two descriptors behind in Deno.
serveThread(input)
