import type { SessionBind } from "../session/session-bind.ts"
import { SessionCore } from "../session/session-core.ts"
import type { SessionSettings } from "../session/session-options.ts"
import type { AsyncConnection } from "./promise-connection.ts"
import { PromiseSession } from "./promise-session.ts"

/**
 * Makes a session of a program: not inside of any block. In a module of its own, so that programs without sessions do not
 * load what sessions are made of.
 *
 * @param lent the connection that the session is bound to, if so
 */
export const openSession = (
  bind: SessionBind,
  settings: SessionSettings,
  lent: AsyncConnection | undefined,
): PromiseSession => {
  // A callback runs on no fiber, so nobody can tell which blocks it is inside of.
  const core = new SessionCore(bind, settings, () => "unknown")
  return new PromiseSession(core, { log: core.engine.log }, lent)
}
