/** Says typed what a thread reported missing. */
import { TaskExportNotFoundError, TaskModuleNotFoundError } from "../../errors.ts"
import type { OpenProblem } from "../transport/protocol.ts"

export const notFound = (found: OpenProblem): TaskModuleNotFoundError | TaskExportNotFoundError => {
  if (found.problem === "module") return new TaskModuleNotFoundError({ module: found.module, reason: found.reason })
  const { module, exportName, available } = found
  return new TaskExportNotFoundError({ module, exportName, available })
}
