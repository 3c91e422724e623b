import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { AsyncConnection } from "../../connection/connection.ts"
import type { AsyncEngine } from "../../engine/engine.ts"
import type { SqlError } from "../../errors/index.ts"
import type { AsyncTransaction } from "../../transaction/transaction.ts"

/**
 * The connection of one transaction of a session. The transaction ends by one of its members, which let the connection
 * go and are to be run uninterruptibly; only after a `commit` that failed must `rollback` follow.
 */
export interface SessionConnection {
  readonly connection: AsyncConnection
  readonly commit: Effect.Effect<void, SqlError>
  readonly rollback: Effect.Effect<void, SqlError>
  /** Rolls back in the background where that can be. */
  readonly abandon: Effect.Effect<void, SqlError>
}

/** What a session takes its connections from. */
export type Bind = AsyncEngine | AsyncConnection

const isEngine = (bind: Bind): bind is AsyncEngine => "connect" in bind

const fromEngine = (engine: AsyncEngine): Effect.Effect<SessionConnection, SqlError> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const connection = yield* Effect.onError(restore(Scope.extend(engine.connect, scope)), (cause) =>
        Scope.close(scope, Exit.failCause(cause)),
      )
      const close = Scope.close(scope, Exit.void)
      return {
        connection,
        commit: Effect.zipRight(connection.commit, close),
        rollback: Effect.ensuring(connection.rollback, close),
        // The pool rolls back what a connection comes back with.
        abandon: close,
      }
    }),
  )

const owned = (connection: AsyncConnection): SessionConnection => ({
  connection,
  commit: connection.commit,
  rollback: connection.rollback,
  abandon: connection.rollback,
})

const joined = (connection: AsyncConnection, savepoint: AsyncTransaction): SessionConnection => ({
  connection,
  commit: savepoint.commit,
  rollback: savepoint.rollback,
  abandon: savepoint.rollback,
})

/**
 * A connection for a transaction: from the engine's pool, or the one that the session was bound to. If that one is in a
 * transaction already, the session works in a savepoint of it.
 */
export const openSessionConnection = (bind: Bind): Effect.Effect<SessionConnection, SqlError> => {
  if (isEngine(bind)) return fromEngine(bind)
  return bind.inTransaction()
    ? Effect.map(bind.beginNestedTransaction, (savepoint) => joined(bind, savepoint))
    : Effect.succeed(owned(bind))
}
