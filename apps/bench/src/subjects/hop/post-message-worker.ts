import { parentPort } from "node:worker_threads"
import type { TaskName } from "./pool.ts"
import { echo, empty, numbers, rows } from "./tasks.ts"

const tasks = { empty, echo, rows }
const port = parentPort!
port.on("message", ([name, argument]: [TaskName | "numbers", Uint8Array & number]) => {
  if (name !== "numbers") return port.postMessage(tasks[name](argument))
  for (const number of numbers(argument)) port.postMessage(number)
  port.postMessage("end")
})
port.postMessage("ready")
