import { BaseConnection } from "../connection/base-connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ConnectionEngine } from "../connection/connection-engine.ts"
import { checkBeginMode, type ExecutionOptions } from "../connection/execution-options.ts"
import { BaseEngine } from "../engine/base-engine.ts"
import type { EngineCore } from "../engine/engine-core.ts"
import { ArgumentError } from "../errors/index.ts"
import { Left } from "../operation/call.ts"
import { type Procedure, wait } from "../operation/operation.ts"
import { shown } from "../options/check-options.ts"
import { beginSavepoint, type SurroundingBlocks } from "../transaction/block.ts"
import type { ConnectionUse } from "./session-connection.ts"
import type { SessionOptions } from "./session-options.ts"

/** The source of a session's connections: an engine's pool, or a connection that it is lent. */
export type SessionBind =
  | { readonly kind: "engine"; readonly engine: EngineCore; readonly options: ExecutionOptions }
  | { readonly kind: "connection"; readonly connection: ConnectionCore }

/**
 * Reads what a program gave for a session to be bound to.
 *
 * @param place what was called, for the message
 * @throws {ArgumentError} if it is no engine and no connection, or cannot begin as `options` say
 */
export const sessionBind = (given: unknown, options: SessionOptions | undefined, place: string): SessionBind => {
  const beginMode = options?.beginMode
  if (given instanceof BaseEngine) {
    const own = given.getExecutionOptions()
    if (beginMode === undefined) return { kind: "engine", engine: given.core, options: own }
    const checked = checkBeginMode(beginMode, given.core.driver.capabilities, place)
    return { kind: "engine", engine: given.core, options: { ...own, beginMode: checked } }
  }
  if (given instanceof BaseConnection) {
    if (beginMode === undefined) return { kind: "connection", connection: given.core }
    throw new ArgumentError({
      message: `${place}: a session on a connection begins as the connection does; set beginMode by the connection's executionOptions()`,
    })
  }
  throw new ArgumentError({
    message: `${place}: a session takes its connections from an engine, or is bound to a connection; got ${shown(given)}`,
  })
}

/** The engine that a session works with, as its connections know it. */
export const engineOf = (bind: SessionBind): ConnectionEngine =>
  bind.kind === "engine" ? bind.engine : bind.connection.engine

/** A connection, and how its transaction belongs to a session. */
export interface OpenedConnection {
  readonly core: ConnectionCore
  readonly use: ConnectionUse
}

/**
 * A connection for a transaction. If a connection that was lent is in a transaction already, the session works in a
 * savepoint of it.
 *
 * @param around the blocks that the caller is inside of
 */
export function* openConnection(bind: SessionBind, around: SurroundingBlocks): Procedure<OpenedConnection> {
  if (bind.kind === "connection") {
    const { connection } = bind
    if (connection.levels.root === undefined) return { core: connection, use: { kind: "lent" } }
    return { core: connection, use: { kind: "joined", savepoint: beginSavepoint(connection, around) } }
  }
  try {
    return { core: yield* wait(bind.engine.connect(bind.options)), use: { kind: "pooled" } }
  } catch (error) {
    if (error instanceof Left && error.outcome?.ok === true) (error.outcome.value as ConnectionCore).release()
    throw error
  }
}
