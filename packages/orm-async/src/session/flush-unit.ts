import { canExecuteUnit } from "../connection/unit.ts"
import { stateOf } from "../entity/instance.ts"
import type { InstanceState } from "../entity/instance-state.ts"
import { FlushError, IllegalStateChangeError } from "../errors/index.ts"
import { type Procedure, wait } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import { planChunks, rowsPerBatch, sendChunks, sendWrite } from "./flush.ts"
import type { Queued } from "./flush-batches.ts"
import { prepareWrites, type Write } from "./flush-writes.ts"
import type { SessionConnection } from "./session-connection.ts"
import type { SessionState } from "./session-state.ts"
import type { UnitSender } from "./shared-unit.ts"
import type { FlushStep } from "./unit-of-work.ts"

/**
 * The end of a flush that a COMMIT was to follow:
 *
 * - `flushed`: everything was sent, and the COMMIT is yet to come
 * - `committed`: the COMMIT was sent with the statements
 * - `ended`: the transaction is over, but the objects cannot be what it has made of the rows
 */
export type UnitEnding =
  | { readonly state: "flushed" | "committed" }
  | { readonly state: "ended"; readonly error: unknown }

/** A row refers to one that is yet to be inserted, by a key that the database will generate. */
const waitsForKey = (state: InstanceState, queued: Queued): boolean =>
  state.mapper.references.some(({ name, pairs }) => {
    const target = state.references?.[name]
    if (target === undefined || target === null) return false
    const parent = stateOf(target)
    return queued.has(parent) && pairs.some(({ remote }) => parent.values[remote] === undefined)
  })

/** An UPDATE may move a row to another key, which must be known to be free before anything is committed. */
const mayMoveKey = ({ mapper, originalValues, originalReferences }: InstanceState): boolean =>
  mapper.primaryKey.some(
    ({ key, references }) =>
      (originalValues !== undefined && key in originalValues) ||
      references.some(({ name }) => originalReferences !== undefined && name in originalReferences),
  )

/** Statements of one transaction that are prepared before any of them is sent. */
class PreparedUnit {
  readonly writes: Array<Write> = []
  readonly #session: SessionState
  readonly #queued = new Set<InstanceState>()
  #rows = 0
  /** An object is to be inserted under the key of another one in the session: what comes of it, the database must say. */
  #collides = false

  constructor(session: SessionState) {
    this.#session = session
  }

  /** Everything that was prepared can be sent at once. */
  get isWhole(): boolean {
    return !this.#collides
  }

  /** The statements for some rows can be prepared although nothing was sent. */
  takes({ kind, states }: FlushStep): boolean {
    if (this.#collides || this.#rows + states.length > rowsPerBatch) return false
    if (kind === "delete") return true
    return !states.some((state) => waitsForKey(state, this.#queued) || (kind === "update" && mayMoveKey(state)))
  }

  add(step: FlushStep): void {
    this.writes.push(...prepareWrites(this.#session, step, this.#queued))
    this.#rows += step.states.length
    if (step.kind !== "insert") return
    for (const state of step.states) {
      this.#queued.add(state)
      const key = state.mapper.keyOf(state.values)
      if (key !== undefined && this.#session.identities.get(state.mapper, key) !== undefined) this.#collides = true
    }
  }
}

/** The objects become what the rows are, now that the transaction was committed. */
const takeAnswers = (writes: ReadonlyArray<Write>, read: () => ReadonlyArray<BufferedResult<unknown>>): UnitEnding => {
  try {
    const results = read()
    for (const [at, write] of writes.entries()) write.answered(results[at] as BufferedResult<unknown>, true)
    return { state: "committed" }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `The transaction was committed, but the objects cannot be what the database has answered: ${why}`
    return { state: "ended", error: new FlushError({ message, cause }) }
  }
}

function* sendUnit(session: SessionState, sender: UnitSender, writes: ReadonlyArray<Write>): Procedure<UnitEnding> {
  const { rollbacks } = session
  const statements = writes.map(({ statement, parameters, expectedRowCount }) => ({
    compiled: sender.compile(statement, parameters),
    expectedRowCount,
  }))
  const outcome = yield* wait(sender.executeUnit(statements))
  if (!outcome.ok) {
    if (outcome.failed === undefined) return { state: "ended", error: outcome.error }
    throw outcome.isRowCount ? (writes[outcome.failed] as Write).stale(outcome.rowCount) : outcome.error
  }
  if (session.rollbacks === rollbacks) return takeAnswers(writes, outcome.read)
  const message = "The session was closed by another caller while it was committing; the transaction was committed"
  return { state: "ended", error: new IllegalStateChangeError({ message }) }
}

/**
 * Writes what a session holds before a COMMIT. If all statements can be prepared before any is answered, and the
 * transaction has sent nothing, they go to the database together with its BEGIN and its COMMIT.
 *
 * @param connect gives the connection of the transaction
 * @param shared sends everything where the transaction needs no connection of its own
 */
export function* flushAndCommit(
  session: SessionState,
  connect: () => Procedure<SessionConnection>,
  shared: UnitSender | undefined,
): Procedure<UnitEnding> {
  const chunks = planChunks(session)
  const unit = new PreparedUnit(session)
  let prepared = 0
  while (prepared < chunks.length && unit.takes(chunks[prepared] as FlushStep)) {
    unit.add(chunks[prepared] as FlushStep)
    prepared += 1
  }
  const rest = chunks.slice(prepared)
  if (unit.writes.length === 0 && rest.length === 0) return { state: "flushed" }
  const isWhole = rest.length === 0 && unit.isWhole
  if (isWhole && shared !== undefined) return yield* sendUnit(session, shared, unit.writes)
  const connection = yield* connect()
  if (isWhole && canExecuteUnit(connection.core)) return yield* sendUnit(session, connection, unit.writes)
  for (const write of unit.writes) yield* sendWrite(session, connection, write)
  yield* sendChunks(session, connection, rest)
  return { state: "flushed" }
}
