/** A backend over the runtime's `node:worker_threads`. */
import { denoOptions, nodeEnvironment, nodeOptions } from "./exec-argv.ts"
import { processStarter } from "./process.ts"
import type { ThreadBackend } from "./service.ts"
import { startThread } from "./thread.ts"
import { startWebThread } from "./web-thread.ts"

export const threadBackend = (name: ThreadBackend["name"]): ThreadBackend => ({
  name,
  inline: false,
  // Of the ways to ask it is the one that needs no permission on Deno.
  parallelism: navigator.hardwareConcurrency,
  now: () => performance.now(),
  spawnThread: (options) => (options.settings?.permissions === undefined ? startThread : startWebThread)(options),
  spawnProcess:
    name === "deno"
      ? processStarter({ before: ["run"], options: denoOptions, environment: () => undefined })
      : processStarter({ before: [], options: nodeOptions, environment: nodeEnvironment }),
})
