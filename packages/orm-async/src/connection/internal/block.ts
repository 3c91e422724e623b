import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import { InvalidRequestError, type SqlError } from "../../errors/index.ts"
import type { Level } from "../../transaction/internal/levels.ts"
import { type ConnectionCore, noRestore, type Restore } from "./connection-core.ts"

/**
 * The blocks that a fiber is inside of, on any connection. `"unknown"` where that cannot be told, as in the Promise style,
 * whose callbacks run on no fiber.
 */
export type SurroundingBlocks = ReadonlyArray<Level> | "unknown"

/** Inherited by the fibers that a block forks. */
export const surroundingBlocks: FiberRef.FiberRef<SurroundingBlocks> = globalValue(
  Symbol.for("@offloop/orm-async/surroundingBlocks"),
  () => FiberRef.unsafeMake<SurroundingBlocks>([]),
)

/** Runs a block inside a level that was begun for it, and ends the level as the block ended. To be run uninterruptibly. */
export const runBlock = <A, E, R>(
  core: ConnectionCore,
  level: Level,
  restore: Restore,
  block: () => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | SqlError, R> => {
  core.blocks.push(level)
  const located = Effect.flatMap(FiberRef.get(surroundingBlocks), (around) => {
    const body = Effect.suspend(block)
    return around === "unknown" ? body : Effect.locally(body, surroundingBlocks, [...around, level])
  })
  return Effect.matchCauseEffect(restore(located), {
    onSuccess: (answer) => Effect.as(leave(core, level), answer),
    onFailure: (cause) => abandon(core, level, cause),
  })
}

/** A block ended well: its level is made permanent, unless the block ended it itself. */
const leave = (core: ConnectionCore, level: Level): Effect.Effect<void, SqlError> => {
  if (core.blocks.at(-1) !== level) {
    remove(core.blocks, level)
    core.trouble = "crossed"
    if (level.savepoint === undefined) core.rollbackInBackground(level)
    return Effect.fail(
      new InvalidRequestError({
        message:
          "A block that began inside this one on the same connection is still running, so that nothing can be committed: wait for it, or use a connection for each",
      }),
    )
  }
  core.blocks.pop()
  if (!level.active) return Effect.void
  return Effect.onError(
    core.withTurn(noRestore, () => core.commit(level, noRestore)),
    () => Effect.sync(() => level.active && core.rollbackInBackground(level)),
  )
}

/**
 * A block failed or was interrupted: its level is taken back. Who was interrupted does not wait for it, since the
 * statement that was cut short may run on for long.
 */
const abandon = <E>(core: ConnectionCore, level: Level, cause: Cause.Cause<E>): Effect.Effect<never, E | SqlError> => {
  remove(core.blocks, level)
  if (!level.active) return Effect.failCause(cause)
  if (Cause.isInterrupted(cause) || core.trouble !== undefined) {
    core.rollbackInBackground(level)
    return Effect.failCause(cause)
  }
  return Effect.matchCauseEffect(
    core.withTurn(noRestore, () => core.rollback(level, noRestore)),
    {
      onSuccess: () => Effect.failCause(cause),
      onFailure: (rollback) => Effect.failCause(Cause.sequential(cause, rollback)),
    },
  )
}

const remove = (blocks: Array<Level>, level: Level): void => {
  const at = blocks.lastIndexOf(level)
  if (at >= 0) blocks.splice(at, 1)
}
