/** How much of its heap a thread uses, garbage that was not collected yet included. */
import process from "node:process"
import { getHeapStatistics } from "node:v8"

// V8's own statistics are the cheaper way in Node and Deno, and walk the whole heap in Bun.
const bun = "Bun" in globalThis

/** Bytes of this thread's heap that are in use, on every runtime. */
export const heapUsed = (): number => (bun ? process.memoryUsage().heapUsed : getHeapStatistics().used_heap_size)
