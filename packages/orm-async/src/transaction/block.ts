import { InvalidRequestError } from "../errors/index.ts"
import { type Call, Left } from "../operation/call.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import { Operation, type Procedure, settled, wait } from "../operation/operation.ts"
import type { Level } from "./levels.ts"
import type { TransactionOwner } from "./transaction-owner.ts"

/** The blocks that the code is inside of, on any connection; `"unknown"` where that cannot be told. */
export type SurroundingBlocks = ReadonlyArray<Level> | "unknown"

/**
 * Begins the transaction of a connection, for a block or a handle. Does no I/O.
 *
 * @throws {SqlError} if one has begun already, or the connection cannot be used
 */
export const beginRoot = (core: TransactionOwner): Level => {
  const { levels, blocks } = core
  const refusal = core.refusal()
  if (refusal !== undefined) throw refusal
  if (levels.root === undefined) return levels.begin(false)
  throw new InvalidRequestError({
    message:
      blocks.length > 0
        ? "A transaction is already begun on this connection, by a block that is still running: use beginNested() for a savepoint inside it, or another connection for another transaction"
        : "A transaction is already begun on this connection, by begin() or by an earlier statement: commit or roll it back first, or use beginNested() for a savepoint inside it",
  })
}

/**
 * Begins a savepoint, and first a transaction if there is none. Does no I/O.
 *
 * @throws {SqlError} if the connection cannot be used, or a block of other code is open on it
 */
export const beginSavepoint = (core: TransactionOwner, around: SurroundingBlocks): Level => {
  const refusal = core.refusal()
  if (refusal !== undefined) throw refusal
  if (core.autocommit) {
    throw new InvalidRequestError({
      message: "A savepoint needs a transaction, and none begins at the isolation level AUTOCOMMIT; set another level",
    })
  }
  const innermost = core.blocks.at(-1)
  if (innermost !== undefined && around !== "unknown" && !around.includes(innermost)) {
    throw new InvalidRequestError({
      message:
        "Another fiber's block is open on this connection, and blocks must nest: let one end before the other begins, or use a connection for each fiber",
    })
  }
  return core.levels.beginNested()
}

/** A block begins to run inside of a level that was begun for it. */
export const enterBlock = (core: TransactionOwner, level: Level): void => {
  core.blocks.push(level)
}

/**
 * Runs the body of a block inside of a level that was begun for it: makes the level permanent when the body succeeds, and
 * takes it back when the body fails or its caller leaves.
 */
export function* runBlock<A>(core: TransactionOwner, level: Level, body: Call<A>): Procedure<A> {
  enterBlock(core, level)
  let answer: A
  try {
    answer = yield* wait(body)
  } catch (error) {
    const ending = yield* settled(new Operation(() => rollbackBlock(core, level, error instanceof Left)))
    throw ending.ok ? error : new FailedCleanUp(error, ending.error)
  }
  yield* commitBlock(core, level)
  return answer
}

/** A block ended well: its level is made permanent, unless the block ended it itself. A caller that leaves waits for it. */
export function* commitBlock(core: TransactionOwner, level: Level): Procedure<void> {
  if (core.blocks.at(-1) !== level) {
    remove(core.blocks, level)
    core.trouble = "crossed"
    if (level.savepoint === undefined) core.rollbackInBackground(level)
    throw new InvalidRequestError({
      message:
        "A block that began inside this one on the same connection is still running, so that nothing can be committed: wait for it, or use a connection for each",
    })
  }
  core.blocks.pop()
  if (level.takenBack) {
    throw new InvalidRequestError({
      message:
        "The savepoint of this block was rolled back by a block around it that ended first, so that nothing of it remains: let blocks end in the reverse order of their beginning, or use a connection for each",
    })
  }
  if (!level.active) return
  try {
    yield* core.exclusively(() => core.commit(level))
  } finally {
    if (level.active) core.rollbackInBackground(level)
  }
}

/**
 * A block failed or was interrupted: its level is taken back.
 *
 * @param left the caller was interrupted and does not wait, since the statement that was cut short may run on for long
 * @throws {SqlError} if that fails
 */
export function* rollbackBlock(core: TransactionOwner, level: Level, left: boolean): Procedure<void> {
  remove(core.blocks, level)
  if (!level.active) return
  for (const inner of core.levels.inside(level)) inner.takenBack = core.blocks.includes(inner)
  if (left || core.trouble !== undefined) core.rollbackInBackground(level)
  else yield* core.exclusively(() => core.rollback(level))
}

const remove = (blocks: Array<Level>, level: Level): void => {
  const at = blocks.lastIndexOf(level)
  if (at >= 0) blocks.splice(at, 1)
}
