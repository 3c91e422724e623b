/** Where a resident lives, what its thread or process is started with, and what of that makes no sense. */
import * as Effect from "effect/Effect"
import { InvalidResidentOptionsError, type OpenError, WorkerStartError } from "../../errors.ts"
import type { Portal } from "../../Portal.ts"
import type { BackendService } from "../backend/service.ts"
import { findMalformed, findSettingProblem, type ThreadSettings } from "../backend/thread-settings.ts"
import { currentHome } from "../context/fiber-caller.ts"
import { logLines } from "../process/log-line.ts"
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
  readonly portal?: Portal | object | undefined
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

/** Fails where the options make no sense, or this runtime cannot honour them. */
export const checkPlacement = (
  name: string,
  asked: Asked,
  backend: BackendService,
): Effect.Effect<void, InvalidResidentOptionsError> => {
  const problem = findProblem(asked, backend.name)
  return problem === undefined
    ? Effect.void
    : Effect.fail(new InvalidResidentOptionsError({ worker: name, ...problem }))
}

/** Connects to a new, still empty object where the options, which were checked, say. */
export const startAt = (
  backend: BackendService,
  name: string,
  mode: "blocking" | "async",
  { placement, execArgv, env, cwd, resourceLimits, permissions }: PlacementOptions,
): Effect.Effect<Link, OpenError> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) =>
    Effect.try({
      try: () =>
        placement === "process" && !backend.inline
          ? startProcessLink(backend, name, mode, { execArgv, env, cwd }, logLines(runtime), currentHome())
          : startLink(backend, name, mode, currentHome(), { execArgv, env, resourceLimits, permissions }),
      catch: (cause) => new WorkerStartError({ worker: name, cause }),
    }),
  )
