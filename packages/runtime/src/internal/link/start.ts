/** Connects to a new, still empty object: in a worker thread, or inline. */
import type { BackendService } from "../backend/service.ts"
import { lineBytes } from "../portal/memory.ts"
import { defaultSizes, layout } from "../transport/memory.ts"
import { namedEntry } from "../worker/registry.ts"
import { InlineLink } from "./inline-link.ts"
import type { Link } from "./link.ts"
import { ThreadLink } from "./thread-link.ts"

// Unbuilt, the entry is the TypeScript source beside this one; built, it is JavaScript.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const ownEntry = new URL(`../worker/entry${extension}`, import.meta.url)

/** Throws what the runtime throws when it cannot start a thread. */
export const startLink = (backend: BackendService, name: string, mode: "blocking" | "async"): Link => {
  if (backend.inline) return new InlineLink(name, mode)
  const sizes = defaultSizes
  const memory = new SharedArrayBuffer(layout(sizes).bytes)
  const line = new SharedArrayBuffer(lineBytes)
  const named = namedEntry()
  const entry = named === undefined ? ownEntry : new URL(named)
  const thread = backend.spawnThread({ entry, name, data: { memory, sizes, line, mode } })
  return new ThreadLink(name, thread, memory, sizes, line)
}
