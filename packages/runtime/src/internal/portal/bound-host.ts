/** Serves the requests of a call in the async context in which the call was made. */
import { AsyncResource } from "node:async_hooks"
import type { Host } from "./host.ts"

/** The same host, for a call that is made now. */
export const boundHost = (host: Host): Host => {
  const context = new AsyncResource("OffloopCall")
  return { run: (...request) => context.runInAsyncScope(() => host.run(...request)) }
}
