import { IllegalStateChangeError } from "../errors/index.ts"
import { type Procedure, wait } from "../operation/operation.ts"
import { noneQueued } from "./flush-batches.ts"
import { prepareWrites, type Write } from "./flush-writes.ts"
import type { SessionConnection } from "./session-connection.ts"
import type { SessionState } from "./session-state.ts"
import { type FlushStep, planFlush } from "./unit-of-work.ts"

/**
 * Rows of one round trip. Between two of them the loop is free, so that a flush of any size holds it no longer than it
 * takes to encode so many.
 */
export const rowsPerBatch = 1000

/**
 * Everything that a session has to write, in the order of the plan and at most {@link rowsPerBatch} rows at a time.
 *
 * @throws {CircularDependencyError} if rows depend on each other in a circle
 */
export const planChunks = (session: SessionState): ReadonlyArray<FlushStep> => {
  const steps = planFlush({
    inserts: session.pending,
    updates: [...session.modified].filter((state) => !session.deleting.has(state)),
    deletes: session.deleting,
  })
  const chunks: Array<FlushStep> = []
  for (const step of steps) {
    const { states } = step
    if (states.length <= rowsPerBatch) chunks.push(step)
    else {
      for (let from = 0; from < states.length; from += rowsPerBatch) {
        chunks.push({ ...step, states: states.slice(from, from + rowsPerBatch) })
      }
    }
  }
  return chunks
}

/** Sends a statement. Its answer means nothing to a session that was closed while it was waited for. */
export function* sendWrite(session: SessionState, connection: SessionConnection, write: Write): Procedure<void> {
  const { rollbacks } = session
  const { statement, parameters } = write
  const result = yield* wait(connection.execute(() => connection.compile(statement, parameters)))
  if (session.rollbacks !== rollbacks) {
    throw new IllegalStateChangeError({ message: "The session was closed by another caller while it was flushing" })
  }
  write.answered(result, false)
}

/** Prepares and sends chunk after chunk. */
export function* sendChunks(
  session: SessionState,
  connection: SessionConnection,
  chunks: ReadonlyArray<FlushStep>,
): Procedure<void> {
  for (const chunk of chunks) {
    for (const write of prepareWrites(session, chunk, noneQueued)) yield* sendWrite(session, connection, write)
  }
}

/**
 * Writes what a session holds. After a failure, or when its caller has left, the objects are in between: the session must
 * roll them back.
 *
 * @param connect gives the connection of the transaction
 */
export function* flush(session: SessionState, connect: () => Procedure<SessionConnection>): Procedure<void> {
  const chunks = planChunks(session)
  if (chunks.length > 0) yield* sendChunks(session, yield* connect(), chunks)
}
