import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { AsyncConnection } from "../../connection/connection.ts"
import {
  IllegalStateChangeError,
  InvalidRequestError,
  PendingRollbackError,
  type ResourceClosedError,
} from "../../errors/index.ts"
import type { SessionError } from "../session-error.ts"
import { flush as writeAll } from "./flush.ts"
import { Frame } from "./frame.ts"
import { type Bind, openSessionConnection, type SessionConnection } from "./session-connection.ts"
import { endedError, SessionState } from "./session-state.ts"

/** Gives a region of an uninterruptible effect the interruptibility of its surroundings. */
type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Calls during which no object may come or go. */
const exclusive = new Set(["flush", "commit", "rollback", "close", "invalidate", "beginNested"])

/**
 * A session's objects and its transaction: who may use the session now, what is open, and how objects and database end
 * together.
 *
 * Methods with a `restore` parameter are to be run uninterruptibly; they are interruptible where `restore` is.
 */
export class SessionCore {
  readonly state = new SessionState(() => this.#touch())
  readonly #bind: Bind
  readonly #expireOnCommit: boolean
  /** The transaction and its savepoints, innermost last; none outside a transaction. */
  #frames: Array<Frame> = []
  /** Frames whose blocks are running, innermost last; a frame may end before its block does. */
  readonly #blocks: Array<Frame> = []
  #connection: SessionConnection | undefined
  #running: string | undefined

  constructor(bind: Bind, expireOnCommit: boolean) {
    this.#bind = bind
    this.#expireOnCommit = expireOnCommit
  }

  /** How many transactions and savepoints are open. */
  get depth(): number {
    return this.#frames.length
  }

  /** Whether a flush has failed, and nothing has been rolled back since. */
  get failed(): boolean {
    return this.#frames.at(-1)?.failure !== undefined
  }

  /** Whether a statement of the program's own may have changed rows in this transaction. */
  get changedRows(): boolean {
    return this.#frames.some((frame) => frame.changedRows)
  }

  /** Notes that a statement of the program's own may change rows. */
  noteChangedRows(): void {
    const frame = this.#frames.at(-1)
    if (frame !== undefined) frame.changedRows = true
  }

  /** @throws {IllegalStateChangeError | ResourceClosedError} if objects cannot come or go now */
  requireIdle(method: string): void {
    if (this.state.ended) throw endedError()
    if (this.#running !== undefined && exclusive.has(this.#running)) throw busyError(method, this.#running)
  }

  /** Runs what needs the session for itself, whatever state it is in. */
  exclusively<A, E, R>(
    method: string,
    effect: Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | IllegalStateChangeError, R> {
    return Effect.suspend((): Effect.Effect<A, E | IllegalStateChangeError, R> => {
      if (this.#running !== undefined) return Effect.fail(busyError(method, this.#running))
      this.#running = method
      return Effect.ensuring(
        effect,
        Effect.sync(() => {
          this.#running = undefined
        }),
      )
    })
  }

  /** Runs what needs the session for itself, if the session can be used. */
  run<A, E, R>(method: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return this.exclusively(
      method,
      Effect.suspend((): Effect.Effect<A, E | SessionError, R> => {
        const refusal = this.#refusal()
        return refusal === undefined ? effect : Effect.fail(refusal)
      }),
    )
  }

  /** Why nothing can be done now, if so. */
  #refusal(): ResourceClosedError | InvalidRequestError | PendingRollbackError | undefined {
    if (this.state.ended) return endedError()
    if (this.#blocks.at(-1)?.active === false) {
      return new InvalidRequestError({
        message:
          "Can't operate on closed transaction inside context manager: its block ended it by commit or rollback. Leave the block before doing more.",
      })
    }
    const failure = this.#frames.at(-1)?.failure
    if (failure === undefined) return undefined
    return new PendingRollbackError({
      message: `This session's transaction was rolled back because a flush failed. Roll the session back before doing more. The flush failed with: ${failure}`,
    })
  }

  /** The connection of the transaction, which begins with it. */
  get connect(): Effect.Effect<AsyncConnection, SessionError> {
    return Effect.suspend(() => {
      if (this.#connection !== undefined) return Effect.succeed(this.#connection.connection)
      this.#touch()
      // Nothing may come between getting the connection and knowing that there is one.
      return Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(restore(openSessionConnection(this.#bind)), (opened) => {
          if (this.state.ended) return Effect.zipRight(opened.abandon, Effect.fail(endedError()))
          this.#connection = opened
          return Effect.succeed(opened.connection)
        }),
      )
    })
  }

  /** Writes what the session holds. */
  get flush(): Effect.Effect<void, SessionError> {
    return Effect.uninterruptibleMask((restore) => {
      if (!this.state.hasWork) return Effect.void
      this.#touch()
      return Effect.catchAllCause(restore(writeAll(this.state, this.connect)), (cause) => this.#flushFailed(cause))
    })
  }

  /** Takes back the innermost transaction, in objects and database; only a rollback may follow. */
  #flushFailed<E>(cause: Cause.Cause<E>): Effect.Effect<never, E | SessionError> {
    const frame = this.#frames.at(-1)
    if (frame === undefined) {
      // The session was closed meanwhile: what has been written since is taken back with the rest.
      this.state.rollbackTo(0, false)
      this.state.expungeAll()
      return Effect.failCause(cause)
    }
    frame.failure = Cause.pretty(cause)
    this.state.rollbackTo(frame.position, frame.changedRows)
    // Who was interrupted does not wait for the statement that was cut short; the rollback that must follow does.
    if (Cause.isInterrupted(cause)) return Effect.failCause(cause)
    return following(cause, frame.savepoint?.rollback ?? this.#rollbackConnection)
  }

  /** Begins the transaction. Does no I/O. */
  get begin(): Effect.Effect<Frame, InvalidRequestError> {
    return Effect.suspend(() => {
      if (this.#frames.length > 0) {
        return Effect.fail(
          new InvalidRequestError({
            message:
              "A transaction is already begun on this session, by begin() or by its first use: commit or roll it back first, or use beginNested() for a savepoint inside it.",
          }),
        )
      }
      this.#touch()
      return Effect.succeed(this.#frames[0] as Frame)
    })
  }

  /** Flushes and begins a savepoint. */
  beginNested(restore: Restore): Effect.Effect<Frame, SessionError> {
    return Effect.gen(this, function* () {
      this.#touch()
      yield* restore(this.flush)
      const connection = yield* restore(this.connect)
      const frame = new Frame(this.state.log.position, yield* connection.beginNestedTransaction)
      this.#frames.push(frame)
      return frame
    })
  }

  /** Runs a block in a frame that was begun for it, and ends the frame as the block ended. Run uninterruptibly. */
  runBlock<A, E, R>(
    frame: Frame,
    restore: Restore,
    block: () => Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | SessionError, R> {
    this.#blocks.push(frame)
    const left = Effect.sync(() => {
      const at = this.#blocks.lastIndexOf(frame)
      if (at >= 0) this.#blocks.splice(at, 1)
    })
    const committed = Effect.suspend(() =>
      frame.active ? this.run("commit", this.#commitFrame(frame, restore)) : Effect.void,
    )
    return Effect.matchCauseEffect(Effect.zipLeft(restore(Effect.suspend(block)), Effect.zipRight(left, committed)), {
      onSuccess: Effect.succeed,
      onFailure: (cause) => Effect.zipRight(left, this.#abandon(frame, cause)),
    })
  }

  #commitFrame(frame: Frame, restore: Restore): Effect.Effect<void, SessionError> {
    return frame.savepoint === undefined ? this.commit(restore) : this.#commitNested(frame, restore)
  }

  /** Flushes, commits, and ends the transaction. */
  commit(restore: Restore): Effect.Effect<void, SessionError> {
    return Effect.gen(this, function* () {
      const [root] = this.#frames
      if (root === undefined) return
      yield* restore(this.flush)
      yield* Effect.catchAllCause(this.#connection?.commit ?? Effect.void, (cause) => following(cause, this.rollback))
      this.#connection = undefined
      this.#endFrames()
      this.state.commit()
      if (this.#expireOnCommit) this.state.expireAll()
    })
  }

  #commitNested(frame: Frame, restore: Restore): Effect.Effect<void, SessionError> {
    return Effect.gen(this, function* () {
      if (this.#frames.at(-1) !== frame) {
        return yield* Effect.fail(
          new InvalidRequestError({
            message:
              "A savepoint that began inside this block is still open, so that this one cannot be released: blocks of one session must nest. Use a session for each fiber.",
          }),
        )
      }
      yield* restore(this.flush)
      yield* frame.savepoint?.commit ?? Effect.void
      this.#frames.pop()
      frame.active = false
      const outer = this.#frames.at(-1)
      if (outer !== undefined && frame.changedRows) outer.changedRows = true
    })
  }

  #rollbackNested(frame: Frame): Effect.Effect<void, SessionError> {
    return Effect.suspend(() => {
      const ended = this.#frames.splice(this.#frames.indexOf(frame))
      const changedRows = ended.some((one) => one.changedRows)
      for (const one of ended) one.active = false
      this.state.rollbackTo(frame.position, changedRows)
      return frame.savepoint?.rollback ?? Effect.void
    })
  }

  #endFrames(): void {
    for (const frame of this.#frames) frame.active = false
    this.#frames = []
  }

  /** Puts the objects back to where they were before the transaction. */
  #restoreObjects(): void {
    const changedRows = this.#frames.some((frame) => frame.changedRows)
    this.#endFrames()
    this.state.rollbackTo(0, changedRows)
  }

  /** Takes back the transaction, in objects and database. */
  get rollback(): Effect.Effect<void, SessionError> {
    return Effect.suspend(() => {
      this.#restoreObjects()
      return this.#rollbackConnection
    })
  }

  get #rollbackConnection(): Effect.Effect<void, SessionError> {
    const connection = this.#connection
    this.#connection = undefined
    return connection?.rollback ?? Effect.void
  }

  /** {@link rollback} without waiting for the database, where that can be. */
  get #abandonTransaction(): Effect.Effect<void, SessionError> {
    return Effect.suspend(() => {
      this.#restoreObjects()
      const connection = this.#connection
      this.#connection = undefined
      return connection?.abandon ?? Effect.void
    })
  }

  /** Takes back the transaction and lets all objects go. */
  get close(): Effect.Effect<void, SessionError> {
    return Effect.ensuring(
      this.#abandonTransaction,
      Effect.sync(() => this.state.expungeAll()),
    )
  }

  /** Ends the connection underneath, then {@link close}. */
  get invalidate(): Effect.Effect<void, SessionError> {
    return Effect.suspend(() => Effect.zipRight(this.#connection?.connection.invalidate ?? Effect.void, this.close))
  }

  /** A block failed, was interrupted or could not be committed: its frame is taken back. */
  #abandon<E>(frame: Frame, cause: Cause.Cause<E>): Effect.Effect<never, E | SessionError> {
    if (!frame.active) return Effect.failCause(cause)
    if (frame.savepoint !== undefined) return following(cause, this.#rollbackNested(frame))
    // Who was interrupted does not wait for the statement that was cut short.
    return following(cause, Cause.isInterrupted(cause) ? this.#abandonTransaction : this.rollback)
  }

  /** Begins the transaction if there is none. Does no I/O. */
  #touch(): void {
    if (this.#frames.length === 0) this.#frames.push(new Frame(this.state.log.position, undefined))
  }
}

/** Fails with a cause after some clean-up; a failure of the clean-up is told as well. */
const following = <E>(
  cause: Cause.Cause<E>,
  cleanUp: Effect.Effect<void, SessionError> | undefined,
): Effect.Effect<never, E | SessionError> =>
  Effect.matchCauseEffect(cleanUp ?? Effect.void, {
    onSuccess: () => Effect.failCause(cause),
    onFailure: (second) => Effect.failCause(Cause.sequential(cause, second)),
  })

const busyError = (method: string, running: string): IllegalStateChangeError =>
  new IllegalStateChangeError({
    message: `${method}() can't be called here; ${running}() is already in progress on this session. A session serves one fiber at a time: use a session for each.`,
  })
