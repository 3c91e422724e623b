/** What a caller asks for, as a pool runs it. */
import { NotATaskError, TaskSchemaError } from "../../errors.ts"
import type { Task } from "../../Task.ts"
import type { Work } from "../pool/job.ts"

/** What is to be run. Gives the error where the arguments are not what the task's contract says. */
export const workOf = (
  task: Task<never, unknown, unknown>,
  args: ReadonlyArray<unknown>,
  method: string,
): Work | TaskSchemaError => {
  checkTask(task, method)
  const codec = task["~codec"]
  if (codec === undefined) return { module: task.module, name: task.name, args }
  try {
    const encoded = codec.encodeArgs(`${task.module}#${task.name}`, args)
    return { module: task.module, name: task.name, args: encoded, codec }
  } catch (thrown) {
    if (thrown instanceof TaskSchemaError) return thrown
    throw thrown
  }
}

/** Programs without types may pass the function itself. Throws, because with types it cannot happen. */
export const checkTask = (task: Task<never, unknown, unknown>, method: string): void => {
  if (typeof (task as Partial<typeof task> | undefined)?.module === "string") return
  throw new NotATaskError({ target: method, found: typeof task === "function" ? "a function" : String(task) })
}
