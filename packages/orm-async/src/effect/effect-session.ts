import type { TaskError } from "@offloop/runtime/callback"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { ExecuteOptions, ExecuteParameters } from "../connection/connection.ts"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { SyncTask } from "../connection/sync-task.ts"
import type { AnyEntity, Identity, PropertyOf } from "../entity/entity-types.ts"
import type { EntityClass } from "../entity/many-to-one.ts"
import { BaseSession } from "../session/base-session.ts"
import type { GetOptions, RefreshOptions, ScalarOf } from "../session/session.ts"
import type { SessionCall } from "../session/session-call.ts"
import type { SessionCore, SessionResult } from "../session/session-core.ts"
import type { GetOneError, SessionError } from "../session/session-error.ts"
import type { SessionTransaction } from "../session/session-transaction.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import { runSync } from "../sync/run-sync.ts"
import type { Session as SyncSession } from "../sync/sync-session.ts"
import type { SurroundingBlocks } from "../transaction/block.ts"
import type { AsyncSession } from "./async-session.ts"
import { blockEffect, surroundingBlocks } from "./effect-block.ts"
import { type AsyncConnection, EffectConnection } from "./effect-connection.ts"
import { EffectResult, EffectScalarResult, type Result, type ScalarResult } from "./effect-result.ts"
import { rowStream } from "./effect-stream.ts"
import { noRestore, type Restore, runCall, runCallIn, runProcedureIn } from "./run-call.ts"
import { isTraced, statementSpans } from "./tracing.ts"

type Block<A, E, R> = (session: AsyncSession) => Effect.Effect<A, E, R>

/** The blocks that the fiber which calls now is inside of. */
export const fiberSurroundings = (): SurroundingBlocks => {
  const fiber = Option.getOrUndefined(Fiber.getCurrentFiber())
  return fiber === undefined ? "unknown" : fiber.getFiberRef(surroundingBlocks)
}

/** The implementation of {@link AsyncSession}. */
export class EffectSession extends BaseSession implements AsyncSession {
  #connection: AsyncConnection | undefined
  readonly #lent: AsyncConnection | undefined

  /** @param lent the connection that the session is bound to, if so */
  constructor(core: SessionCore, lent: AsyncConnection | undefined) {
    super(core)
    this.#lent = lent
  }

  get flush(): Effect.Effect<void, SessionError> {
    return this.#run(() => this.core.flush())
  }

  get commit(): Effect.Effect<void, SessionError> {
    return this.#run(() => this.core.commit())
  }

  get rollback(): Effect.Effect<void, SessionError> {
    return this.#run(() => this.core.rollback())
  }

  get close(): Effect.Effect<void, SessionError> {
    return this.#run(() => this.core.close())
  }

  get reset(): Effect.Effect<void, SessionError> {
    return this.close
  }

  get invalidate(): Effect.Effect<void, SessionError> {
    return this.#run(() => this.core.invalidate())
  }

  get connection(): Effect.Effect<AsyncConnection, SessionError> {
    return Effect.map(
      this.#run(() => this.core.connect()),
      ({ core }) => this.#handle(core),
    )
  }

  runSync<Args extends ReadonlyArray<unknown>, A>(
    task: SyncTask<SyncSession, Args, A>,
    ...args: Args
  ): Effect.Effect<A, SessionError | TaskError> {
    return runCall(() => this.core.beside("runSync", (connection) => runSync(connection, task, args, {})))
  }

  begin<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.uninterruptibleMask((restore) => this.beginIn(restore, block))
  }

  /** {@link begin} inside of something uninterruptible. */
  beginIn<A, E, R>(restore: Restore, block: Block<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.flatMap(
      this.#runIn(restore, () => this.core.begin()),
      (transaction) => this.#runBlock(transaction, restore, block),
    )
  }

  beginNested<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        this.#runIn(restore, () => this.core.beginNested()),
        (transaction) => this.#runBlock(transaction, restore, block),
      ),
    )
  }

  noAutoflush<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        const before = this.autoflush
        this.autoflush = false
        return before
      }),
      () => block(this),
      (before) =>
        Effect.sync(() => {
          this.autoflush = before
        }),
    )
  }

  get<E extends AnyEntity>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions,
  ): Effect.Effect<E | null, SessionError> {
    return this.#run(() => this.core.get(entity, id, options))
  }

  getOne<E extends AnyEntity>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options?: GetOptions,
  ): Effect.Effect<E, GetOneError> {
    return this.#run(() => this.core.getOne(entity, id, options))
  }

  refresh<E extends AnyEntity>(
    entity: E,
    names?: ReadonlyArray<PropertyOf<E>>,
    options?: RefreshOptions,
  ): Effect.Effect<void, SessionError> {
    return this.#run(() => this.core.refresh(entity, names, options))
  }

  merge<E extends AnyEntity>(entity: E): Effect.Effect<E, SessionError> {
    return this.#run(() => this.core.merge(entity))
  }

  execute<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Result<Row, ScalarOf<Row>>, SessionError> {
    const read = (result: SessionResult<Row>) => new EffectResult<Row, ScalarOf<Row>>(result)
    return this.#run(() => this.core.query(statement, parameters, options, read))
  }

  scalar<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarOf<Row> | null, SessionError> {
    const read = (result: SessionResult<Row>) => result.scalar()
    return this.#run(() => this.core.query(statement, parameters, options, read))
  }

  scalars<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarResult<ScalarOf<Row>>, SessionError> {
    const read = (result: SessionResult<Row>) => new EffectScalarResult(result.scalars())
    return this.#run(() => this.core.query(statement, parameters, options, read))
  }

  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Stream.Stream<Row, SessionError> {
    return rowStream(() => this.core.stream(statement, parameters, options), this.core.engine.log)
  }

  /** Closes the session for good, for the end of its scope. */
  get end(): Effect.Effect<void> {
    return Effect.uninterruptible(runProcedureIn<void, never>(noRestore, () => this.core.end()))
  }

  #run<A>(make: () => SessionCall<A>): Effect.Effect<A, SessionError> {
    return Effect.uninterruptibleMask((restore) => this.#runIn(restore, make))
  }

  #runIn<A>(restore: Restore, make: () => SessionCall<A>): Effect.Effect<A, SessionError> {
    return Effect.withFiberRuntime<A, SessionError>((fiber) => {
      if (!isTraced(fiber)) return runCallIn(restore, make)
      return runCallIn(restore, () => {
        const call = make()
        call.observer = statementSpans(fiber, this.core.engine.spanAttributes)
        return call
      })
    })
  }

  /** Runs a block in a transaction that was begun for it, and ends that as the block ended. To be run uninterruptibly. */
  #runBlock<A, E, R>(
    transaction: SessionTransaction,
    restore: Restore,
    block: Block<A, E, R>,
  ): Effect.Effect<A, E | SessionError, R> {
    const { transactions } = this.core
    transactions.enterBlock(transaction)
    const body = restore(Effect.suspend(() => blockEffect(block, this)))
    const committed = runCallIn<void, SessionError>(restore, () => this.core.commitBlock(transaction))
    return Effect.matchCauseEffect(Effect.zipLeft(body, committed), {
      onSuccess: Effect.succeed,
      onFailure: (cause) => {
        if (Cause.isInterrupted(cause)) {
          transactions.abandonBlock(transaction)
          return Effect.failCause<E | SessionError>(cause)
        }
        return Effect.matchCauseEffect(
          runProcedureIn<void, SessionError>(noRestore, () => transactions.rollbackBlock(transaction)),
          {
            onSuccess: () => Effect.failCause<E | SessionError>(cause),
            onFailure: (rollback) => Effect.failCause<E | SessionError>(Cause.sequential(cause, rollback)),
          },
        )
      },
    })
  }

  #handle(core: ConnectionCore): AsyncConnection {
    if (this.#lent !== undefined) return this.#lent
    const known = this.#connection
    if (known instanceof EffectConnection && known.core === core) return known
    this.#connection = new EffectConnection(core)
    return this.#connection
  }
}
