/** The way to a service's pools that is no Effect: for the Promise API, where making a fiber would cost more than the call. */
import type { Task } from "../../Task.ts"
import type { RunOptions } from "./run-options.ts"
import type { Service } from "./service.ts"
import type { Submission } from "./submission.ts"

/** A run of a task that has not started, or why it cannot be. Throws what a program with types cannot bring about. */
export type Submit = (task: Task<never, unknown, unknown>, args: ReadonlyArray<unknown>) => Submission

export interface Direct {
  readonly runSync: (options: RunOptions) => Submit
  readonly run: (options: RunOptions) => Submit
}

const directs = new WeakMap<Service, Direct>()

/** Remembers the way to a service's pools. */
export const setDirect = (service: Service, direct: Direct): Service => {
  directs.set(service, direct)
  return service
}

/** The way to a service's pools, where it was made by this package. */
export const directOf = (service: Service): Direct | undefined => directs.get(service)

/** Whether these options need nothing of a fiber: a portal serves with its caller's, and a process logs to it. */
export const goesDirectly = ({ placement, portal }: RunOptions): boolean =>
  placement !== "process" && portal === undefined
