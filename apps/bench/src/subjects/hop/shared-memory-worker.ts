import { parentPort, workerData } from "node:worker_threads"
import { answered, asked, headBytes, size } from "./shared-memory-layout.ts"
import { echo, empty } from "./tasks.ts"

const head = new Int32Array(workerData as SharedArrayBuffer, 0, headBytes / 4)
const payload = new Uint8Array(workerData as SharedArrayBuffer, headBytes)
parentPort!.postMessage("ready")

let done = 0
for (;;) {
  Atomics.wait(head, asked, done)
  for (const target = Atomics.load(head, asked); done !== target; done = (done + 1) | 0) {
    const length = head[size]!
    // The bytes come out of the shared memory and go back into it, as a task that uses them would have them.
    if (length > 0) payload.set(echo(payload.slice(0, length)))
    else empty()
  }
  Atomics.store(head, answered, done)
  Atomics.notify(head, answered)
}
