/** The errors of calls that a session refuses in the state that it is in. */
import { IllegalStateChangeError, InvalidRequestError, PendingRollbackError } from "../errors/index.ts"

/** Another call is under way. */
export const busyError = (method: string, running: string): IllegalStateChangeError =>
  new IllegalStateChangeError({
    message: `${method}() can't be called here; ${running}() is already in progress on this session. A session serves one caller at a time: use a session for each`,
  })

/** The block around the call has ended its transaction. */
export const endedBlockError = (): InvalidRequestError =>
  new InvalidRequestError({
    message:
      "Can't operate on closed transaction inside context manager: its block ended it by commit or rollback. Leave the block before doing more",
  })

/** A flush has failed. */
export const pendingRollbackError = (reason: string): PendingRollbackError =>
  new PendingRollbackError({
    message: `This session's transaction was rolled back because a flush failed. Roll the session back before doing more. The flush failed because ${reason}`,
  })

/** A transaction was to begin inside of another. */
export const begunError = (): InvalidRequestError =>
  new InvalidRequestError({
    message:
      "A transaction is already begun on this session, by begin() or by its first use: commit or roll it back first, or use beginNested() for a savepoint inside it",
  })

/** A block ended before a block inside of it. */
export const crossedError = (): InvalidRequestError =>
  new InvalidRequestError({
    message:
      "A savepoint that began inside this block is still open, so that this one cannot be released: blocks of one session must nest. Use a session for each",
  })
