/** Connects to a new, still empty object: in a worker thread, or inline. */
import type { BackendService } from "../backend/service.ts"
import type { ThreadSettings } from "../backend/thread-settings.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import { lineBytes } from "../portal/memory.ts"
import { defaultSizes, layout } from "../transport/memory.ts"
import { threadEntry } from "../worker/entry-url.ts"
import { namedEntry } from "../worker/registry.ts"
import { InlineLink } from "./inline-link.ts"
import type { Link } from "./link.ts"
import { ThreadLink } from "./thread-link.ts"

/**
 * Throws what the runtime throws when it cannot start a thread. `telemetry` takes what its code reports.
 */
export const startLink = (
  backend: BackendService,
  name: string,
  mode: "blocking" | "async",
  telemetry: TelemetrySink,
  settings?: ThreadSettings,
): Link => {
  if (backend.inline) return new InlineLink(name, mode, telemetry)
  const sizes = defaultSizes
  const memory = new SharedArrayBuffer(layout(sizes).bytes)
  const line = new SharedArrayBuffer(lineBytes)
  const named = namedEntry()
  const entry = named === undefined ? threadEntry : new URL(named)
  if (named !== undefined && settings?.permissions !== undefined) {
    throw new TypeError(
      "a program that is one file cannot narrow the permissions of its threads: its file would not start",
    )
  }
  const thread = backend.spawnThread({ entry, name, data: { memory, sizes, line, mode }, settings })
  return new ThreadLink(name, thread, memory, sizes, line, telemetry)
}
