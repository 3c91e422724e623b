import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import type { ConnectionCore } from "../connection/connection-core.ts"
import { placeNowhere } from "../errors/caller-stack.ts"
import { ArgumentError, type SqlError } from "../errors/index.ts"
import { shown } from "../errors/shown.ts"
import type { Procedure } from "../operation/operation.ts"
import { commitBlock, enterBlock, rollbackBlock } from "../transaction/block.ts"
import type { Level } from "../transaction/levels.ts"
import { noRestore, type Restore, runProcedureIn } from "./run-call.ts"

/** The blocks that a fiber is inside of, on any connection. Inherited by the fibers that a block forks. */
export const surroundingBlocks: FiberRef.FiberRef<ReadonlyArray<Level>> = globalValue(
  Symbol.for("@offloop/orm-async/surroundingBlocks"),
  () => FiberRef.unsafeMake<ReadonlyArray<Level>>([]),
)

/** The Effect that a block of the program returns, or why it is none. */
export const blockEffect = <Subject, A, E, R>(
  block: (subject: Subject) => Effect.Effect<A, E, R>,
  subject: Subject,
): Effect.Effect<A, E | ArgumentError, R> => {
  if (typeof block !== "function") {
    return notAnEffect(`A block is a function that returns an Effect; got ${shown(block)}`)
  }
  const effect: unknown = block(subject)
  if (Effect.isEffect(effect)) return effect as Effect.Effect<A, E, R>
  return notAnEffect(
    `The block returned ${isThenable(effect) ? "a promise" : shown(effect)}, not an Effect: return one, as in ` +
      "begin((conn) => Effect.gen(function* () { … })), or use @offloop/orm-async/promise",
  )
}

const notAnEffect = (message: string): Effect.Effect<never, ArgumentError> => {
  const error = new ArgumentError({ message })
  placeNowhere(error)
  return Effect.fail(error)
}

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

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
