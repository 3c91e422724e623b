/** Connects to a new, still empty object in a process of its own. */
import type { ThreadBackend } from "../backend/service.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import type { ProcessSettings } from "./options.ts"
import { type OnLine, ProcessLink } from "./process-link.ts"

// Unbuilt, the entry is the TypeScript source beside this one; built, it is JavaScript.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const entry = new URL(`./process-entry${extension}`, import.meta.url)

/** Throws what the runtime throws when it cannot start a process. `telemetry` takes what its code reports. */
export const startProcessLink = (
  backend: ThreadBackend,
  name: string,
  mode: "blocking" | "async",
  { execArgv, env, cwd }: ProcessSettings,
  onLine: OnLine,
  telemetry: TelemetrySink,
): ProcessLink =>
  new ProcessLink(
    name,
    (listener) => backend.spawnProcess({ entry, args: [name, mode], execArgv, env, cwd }, listener),
    onLine,
    telemetry,
  )
