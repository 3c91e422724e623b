/** What a link can open: the object of a task, or what a pool's threads hold. */
import type { GaugeInput } from "../pool/gauge.ts"
import type { OpenProblem } from "../transport/protocol.ts"
import { type Resolved, resolve } from "./resolve.ts"

/** Opens the runner of a pool's tasks. A name instead of a URL, because a bundle has no file for it. */
export const taskRunner = { module: "offloop:task-runner", exportName: "makeTaskRunner", init: undefined, transfer: [] }

/** Finds the function that makes the object. */
export const resolveOpening = async (module: string, exportName: string): Promise<Resolved | OpenProblem> => {
  if (module !== taskRunner.module) return resolve(module, exportName)
  const { makeTaskRunner } = await import("./task-runner.ts")
  return { run: (input) => makeTaskRunner(input as GaugeInput | undefined) }
}
