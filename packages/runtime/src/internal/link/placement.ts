/** Where a resident lives, what its thread or process is started with, and what of that makes no sense. */
import { InvalidResidentOptionsError, WorkerStartError } from "../../errors.ts"
import type { BackendService } from "../backend/service.ts"
import { findMalformed, findSettingProblem, type ThreadSettings } from "../backend/thread-settings.ts"
import type { TelemetrySink } from "../context/telemetry-sink.ts"
import type { OnLine } from "../process/process-link.ts"
import { startProcessLink } from "../process/start.ts"
import type { Link } from "./link.ts"
import { startLink } from "./start.ts"

/** Where an object lives, and what its thread or process is started with. */
export interface PlacementOptions extends ThreadSettings {
  /**
   * `"worker"` (default): a thread. `"process"`: a process of its own, which can be killed whatever it does, and whose
   * death leaves the program alone; a call costs a message each way, and no memory is shared. What it writes is logged.
   * With `InlineBackend` it is the loop's own thread all the same.
   *
   * A process takes `execArgv` on every runtime: options of the runtime, limits and permissions too. Default: on Node and
   * Bun those of the program, on Deno the permissions that the program has without restriction.
   */
  readonly placement?: "worker" | "process" | undefined
  /** The folder that a process starts in. Default: the program's. */
  readonly cwd?: string | undefined
}

interface Asked extends PlacementOptions {
  readonly portal?: object | undefined
}

const findProblem = (
  asked: Asked,
  backend: BackendService["name"],
): { readonly option: string; readonly detail: string } | undefined => {
  const { placement = "worker", cwd } = asked
  if (placement === "worker") {
    if (cwd === undefined) return findSettingProblem(asked, backend)
    return { option: "cwd", detail: 'cwd: a thread has the folder of its program. A "process" has one of its own.' }
  }
  if (placement !== "process") {
    return { option: "placement", detail: `placement is "worker" or "process", not ${String(placement)}.` }
  }
  if (cwd !== undefined && typeof cwd !== "string") return { option: "cwd", detail: "cwd is the path of a folder." }
  if (asked.portal !== undefined) {
    return { option: "portal", detail: 'portal: code in a process cannot call back. Use the placement "worker".' }
  }
  for (const option of ["resourceLimits", "permissions"] as const) {
    if (asked[option] !== undefined) {
      return { option, detail: `${option}: a process takes them as options of the runtime, in execArgv.` }
    }
  }
  if (backend !== "inline") return findMalformed(asked)
  const option = (["execArgv", "env", "cwd"] as const).find((name) => asked[name] !== undefined)
  return option && { option, detail: `${option}: InlineBackend has no process that could have it. Leave it out.` }
}

/** Returns what is wrong where the options make no sense, or this runtime cannot honour them. */
export const checkPlacement = (
  name: string,
  asked: Asked,
  backend: BackendService,
): InvalidResidentOptionsError | undefined => {
  const problem = findProblem(asked, backend.name)
  return problem && new InvalidResidentOptionsError({ worker: name, ...problem })
}

/** What is needed to connect to a new object. */
export interface Start {
  readonly backend: BackendService
  readonly name: string
  readonly mode: "blocking" | "async"
  /** Checked before. */
  readonly options: PlacementOptions
  /** Takes what its code reports. */
  readonly telemetry: TelemetrySink
  /** Is told what its process writes. */
  readonly onLine: OnLine
}

/** Connects to a new, still empty object where the options say, or returns why it cannot. */
export const startAt = ({ backend, name, mode, options, telemetry, onLine }: Start): Link | WorkerStartError => {
  const { placement, execArgv, env, cwd, resourceLimits, permissions } = options
  try {
    return placement === "process" && !backend.inline
      ? startProcessLink(backend, name, mode, { execArgv, env, cwd }, onLine, telemetry)
      : startLink(backend, name, mode, telemetry, { execArgv, env, resourceLimits, permissions })
  } catch (cause) {
    return new WorkerStartError({ worker: name, cause })
  }
}
