/** The work of an engine's methods, in no style. */
import type { Compiled } from "../compiler/compiled.ts"
import type { ExecuteParameters } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { ExecutionOptions } from "../connection/execution-options.ts"
import { logStatement } from "../connection/statement-log.ts"
import { ArgumentError } from "../errors/index.ts"
import { type Call, CallbackCall } from "../operation/call.ts"
import type { Procedure } from "../operation/operation.ts"
import { succeeded } from "../operation/outcome.ts"
import { shown } from "../options/check-options.ts"
import type { Executable } from "../statement/executable.ts"
import { beginRoot, runBlock } from "../transaction/block.ts"
import type { DisposeOptions } from "./engine.ts"
import type { EngineCore } from "./engine-core.ts"
import { withConnection } from "./one-shot.ts"

/**
 * A statement ready to be sent in a transaction of its own; logs it where the engine's statements are logged.
 *
 * @throws {SqlError} if the statement is wrong
 */
export const prepareOneShot = <Row>(
  engine: EngineCore,
  statement: Executable<Row>,
  parameters: ExecuteParameters | undefined,
  options: ExecutionOptions,
): Compiled<Row> => {
  const compiled = engine.compile(statement, parameters)
  if (engine.echo) logStatement(engine, compiled, options.loggingToken)
  return compiled
}

/** Runs the body of a block with a connection in a transaction. */
export const runEngineBlock = <A>(
  engine: EngineCore,
  options: ExecutionOptions,
  body: (connection: ConnectionCore) => Call<A>,
): Procedure<A> =>
  withConnection(engine, options, (connection) => runBlock(connection, beginRoot(connection), body(connection)))

/**
 * Lets `dispose` close connections.
 *
 * @throws {ArgumentError} if the options are wrong
 */
const checkDisposeOptions = (options: DisposeOptions | undefined): boolean => {
  if (options === undefined) return true
  const { close = true } = options
  if (typeof close === "boolean") return close
  throw new ArgumentError({ message: `dispose: close must be a boolean; got ${shown(close)}` })
}

/** Closes what is not in use, for good or not. Its end is waited for. */
export const disposing = (engine: EngineCore, options: DisposeOptions | undefined): Call<void> => {
  const close = checkDisposeOptions(options)
  return new CallbackCall((done) => engine.pool.dispose(close, () => done(succeeded)), "stay")
}

/** Ends the engine. */
export const shuttingDown = (engine: EngineCore): Call<void> =>
  new CallbackCall((done) => engine.pool.shutDown(() => done(succeeded)), "stay")
