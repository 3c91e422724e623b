/** What a worker thread starts with, unless the program named a file with `threads`. */
import { workerData } from "node:worker_threads"
import { serveThread, type WorkerInput } from "./thread.ts"

await serveThread(workerData as WorkerInput)
