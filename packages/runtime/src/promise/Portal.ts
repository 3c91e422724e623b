/** `Portal` for programs without Effect: functions of the program that blocking code in a worker can call. */
import type * as Effects from "../Portal.ts"
import { closable } from "./call-options.ts"
import { PortalHost, setHost } from "./portal-host.ts"

/** Functions that a worker can call: each returns a promise or a plain value. */
export type Handlers = Effects.Handlers

/** A set of handlers that is open for calls from workers until it is closed. */
export interface Portal<out H extends Handlers = Handlers> extends Effects.Portal<H>, AsyncDisposable {
  /** Refuses further calls, and waits for those that run. */
  readonly close: () => Promise<void>
}

/**
 * Opens a portal.
 *
 * ```ts
 * import { OffLoop, Portal, Task } from "@offloop/runtime/promise"
 *
 * interface Asking {
 *   readonly ask: (name: string) => number
 * }
 * const tasks = Task.fromModule<Asking>(new URL("./asking.js", import.meta.url))
 *
 * await using portal = await Portal.open({ lookUp: async (name: string) => name.length })
 * const length = await OffLoop.runSyncWith({ portal })(tasks.ask, "ann")
 * ```
 */
export const open = async <const H extends Handlers>(handlers: H): Promise<Portal<H>> => {
  const host = new PortalHost(handlers)
  const portal: Portal<H> = Object.freeze({ names: Object.keys(handlers), ...closable(() => host.close()) })
  setHost(portal, host)
  return portal
}
