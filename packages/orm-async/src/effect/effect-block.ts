import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import type { ConnectionCore } from "../connection/connection-core.ts"
import type { SqlError } from "../errors/index.ts"
import type { Procedure } from "../operation/operation.ts"
import { commitBlock, enterBlock, rollbackBlock } from "../transaction/block.ts"
import type { Level } from "../transaction/levels.ts"
import { noRestore, type Restore, runProcedureIn } from "./run-call.ts"

/** The blocks that a fiber is inside of, on any connection. Inherited by the fibers that a block forks. */
export const surroundingBlocks: FiberRef.FiberRef<ReadonlyArray<Level>> = globalValue(
  Symbol.for("@offloop/orm-async/surroundingBlocks"),
  () => FiberRef.unsafeMake<ReadonlyArray<Level>>([]),
)

/** Runs a block inside a level that was begun for it, and ends the level as the block ended. To be run uninterruptibly. */
export const runBlock = <A, E, R>(
  core: ConnectionCore,
  level: Level,
  restore: Restore,
  block: () => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | SqlError, R> => {
  enterBlock(core, level)
  const located = Effect.flatMap(FiberRef.get(surroundingBlocks), (around) =>
    Effect.locally(Effect.suspend(block), surroundingBlocks, [...around, level]),
  )
  return Effect.matchCauseEffect(restore(located), {
    onSuccess: (answer) =>
      Effect.as(
        runEnding(() => commitBlock(core, level)),
        answer,
      ),
    onFailure: (cause) =>
      Effect.matchCauseEffect(
        runEnding(() => rollbackBlock(core, level, Cause.isInterrupted(cause))),
        {
          onSuccess: () => Effect.failCause<E | SqlError>(cause),
          onFailure: (rollback) => Effect.failCause<E | SqlError>(Cause.sequential(cause, rollback)),
        },
      ),
  })
}

const runEnding = (ending: () => Procedure<void>): Effect.Effect<void, SqlError> => runProcedureIn(noRestore, ending)
