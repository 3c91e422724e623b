/** The service behind every backend, apart from `Backend.ts` because the backends and the choice among them need it. */
import * as Context from "effect/Context"
import type { ProcessHandle, ProcessListener, ProcessOptions } from "./process.ts"
import type { ThreadHandle, ThreadOptions } from "./thread.ts"

/** What every backend offers. */
interface Common {
  /** How many threads can run at the same time. */
  readonly parallelism: number
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number
}

/** A backend with threads. */
export interface ThreadBackend extends Common {
  readonly name: "node" | "bun" | "deno"
  readonly inline: false
  /** Starts a thread. Throws what the runtime throws when it cannot. */
  readonly spawnThread: (options: ThreadOptions) => ThreadHandle
  /** Starts a process. Throws what the runtime throws when it cannot. */
  readonly spawnProcess: (options: ProcessOptions, listener: ProcessListener) => ProcessHandle
}

/** The backend without threads: everything runs on the loop's own. */
export interface InlineBackendService extends Common {
  readonly name: "inline"
  readonly inline: true
}

/** What a JavaScript runtime must offer to run work off its event loop. */
export type BackendService = ThreadBackend | InlineBackendService

/** The backend in use: which runtime's threads, or none. */
export class Backend extends Context.Tag("@offloop/runtime/Backend")<Backend, BackendService>() {}
