import { parentPort } from "node:worker_threads"
import type { TaskName } from "./pool.ts"
import { echo, empty, rows } from "./tasks.ts"

const tasks = { empty, echo, rows }
const port = parentPort!
port.on("message", ([name, argument]: [TaskName, Uint8Array]) => port.postMessage(tasks[name](argument)))
port.postMessage("ready")
