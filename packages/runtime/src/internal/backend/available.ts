/** The backends of this package, one object of each, and the one that fits the runtime. */
import { UnsupportedRuntimeError } from "../../errors.ts"
import { recognise, surroundings } from "./detect.ts"
import type { InlineBackendService, ThreadBackend } from "./service.ts"
import { threadBackend } from "./threads.ts"

/** Threads of each runtime. */
export const threadBackends: Readonly<Record<ThreadBackend["name"], ThreadBackend>> = {
  node: threadBackend("node"),
  bun: threadBackend("bun"),
  deno: threadBackend("deno"),
}

/** No threads. */
export const inlineBackend: InlineBackendService = {
  name: "inline",
  inline: true,
  parallelism: 1,
  now: () => performance.now(),
}

/** The backend of the runtime that this program runs on, or why there is none. */
export const detected = (): ThreadBackend | UnsupportedRuntimeError => {
  const recognised = recognise(surroundings())
  return recognised instanceof UnsupportedRuntimeError ? recognised : threadBackends[recognised]
}
