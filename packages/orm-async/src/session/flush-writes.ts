import type { ExecuteParameters } from "../connection/connection.ts"
import type { InstanceState } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import { FlushError, StaleDataError } from "../errors/index.ts"
import { and, type Condition, eq } from "../expression/index.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import { deleteFrom, type Executable, insert, update } from "../statement/index.ts"
import { columnOf, keyParameter, parameterFor, valueFor, valueParameter } from "./column-parameter.ts"
import {
  type DeleteBatch,
  type InsertBatch,
  prepareDeletes,
  prepareInserts,
  prepareUpdates,
  type Queued,
  type UpdateBatch,
} from "./flush-batches.ts"
import type { SessionState } from "./session-state.ts"
import type { FlushStep } from "./unit-of-work.ts"

/** A statement of a flush, and what its answer does to the objects. */
export interface Write {
  readonly statement: Executable<unknown>
  readonly parameters: ExecuteParameters | undefined
  /** The row count that it must have; undefined where it need not be looked at. */
  readonly expectedRowCount: number | undefined
  /** The error of another row count. */
  readonly stale: (count: number | undefined) => StaleDataError
  /**
   * Takes over what the database has answered.
   *
   * @param committed the transaction has been committed, so that the database's word is final
   * @throws {StaleDataError | FlushError} if the objects cannot be what the rows are now
   */
  readonly answered: (result: BufferedResult<unknown>, committed: boolean) => void
}

/** The condition that finds one row by parameters. */
const byKey = (mapper: Mapper): Condition => {
  const { table } = mapper
  return and(...mapper.primaryKeys.map((key) => eq(columnOf(table, key), parameterFor(table, key, keyParameter(key)))))
}

type Kind = "UPDATE" | "DELETE" | "INSERT"

const staleError = (
  kind: Kind,
  mapper: Mapper,
  states: ReadonlyArray<InstanceState>,
  count: number | undefined,
): StaleDataError => {
  const shown = states.slice(0, 5).map((state) => mapper.describe(state.values))
  const more = states.length > shown.length ? ` and ${states.length - shown.length} more` : ""
  return new StaleDataError({
    message:
      `${kind} on table ${mapper.table.fullName} was to change ${states.length} rows but changed ${count ?? "another number"}: ` +
      `rows of ${shown.join(", ")}${more} were changed or deleted by someone else. Roll back, and load them again`,
  })
}

/** An object is a row now. */
const becomePersistent = (session: SessionState, state: InstanceState, committed: boolean): void => {
  const { mapper } = state
  const key = mapper.keyOf(state.values)
  if (key === undefined) {
    throw new FlushError({
      message: `${mapper.name} was inserted but its primary key is not known. Set it, or let the database give it back`,
    })
  }
  state.key = key
  const present = session.identities.add(state)
  if (present !== undefined) {
    if (!committed) {
      state.key = undefined
      throw new FlushError({
        message: `The new ${mapper.describe(state.values)} has the key of another object in the session. Two objects cannot stand for one row`,
      })
    }
    // The database has given the key anew, so the other object's row is gone.
    session.release(present)
    session.identities.add(state)
  }
  session.pending.delete(state)
}

/** Takes over generated values, row by row. */
const takeGenerated = (
  states: ReadonlyArray<InstanceState>,
  keys: ReadonlyArray<string>,
  rows: ReadonlyArray<Record<string, unknown>>,
): void => {
  states.forEach((state, at) => {
    for (const key of keys) state.values[key] = rows[at]?.[key]
  })
}

const insertWrite = (session: SessionState, mapper: Mapper, { states, returning }: InsertBatch): Write => {
  const plain = insert(mapper.table).values(states.map(({ values }) => values as never))
  const keys = returning.map(({ key }) => key)
  const [first, ...others] = keys.map((key) => columnOf(mapper.table, key))
  const stale = (count: number | undefined) => staleError("INSERT", mapper, states, count)
  return {
    statement: first === undefined ? plain : plain.returning(first, ...others),
    parameters: undefined,
    expectedRowCount: first === undefined ? undefined : states.length,
    stale,
    answered: (result, committed) => {
      if (first !== undefined) {
        const rows = result.all() as ReadonlyArray<Record<string, unknown>>
        if (rows.length !== states.length) throw stale(rows.length)
        takeGenerated(states, keys, rows)
      }
      for (const state of states) becomePersistent(session, state, committed)
    },
  }
}

/** A prepared UPDATE or DELETE, and the columns that it gives back. */
interface Change {
  readonly statement: Executable<unknown>
  readonly generated: ReadonlyArray<string>
}

/** By class and columns, so that a statement is made and compiled once however often it runs. */
const changes = new WeakMap<Mapper, Map<string, Change>>()

const changeOf = (mapper: Mapper, name: string, make: () => Change): Change => {
  let known = changes.get(mapper)
  if (known === undefined) {
    known = new Map()
    changes.set(mapper, known)
  }
  let change = known.get(name)
  if (change === undefined) {
    change = make()
    known.set(name, change)
  }
  return change
}

const updateOf = (mapper: Mapper, columns: ReadonlyArray<string>): Change =>
  changeOf(mapper, `set ${columns.join()}`, () => {
    const { table } = mapper
    const set = Object.fromEntries(columns.map((key) => [key, valueFor(table, key, valueParameter(key))]))
    const generated = mapper.columns
      .filter(({ key, generatedOnUpdate }) => generatedOnUpdate && !columns.includes(key))
      .map(({ key }) => key)
    const plain = update(table)
      .set(set as never)
      .where(byKey(mapper))
    const [first, ...others] = generated.map((key) => columnOf(table, key))
    return { statement: first === undefined ? plain : plain.returning(first, ...others), generated }
  })

const deleteOf = (mapper: Mapper): Change =>
  changeOf(mapper, "delete", () => ({ statement: deleteFrom(mapper.table).where(byKey(mapper)), generated: [] }))

/** Rows have new primary keys. All leave their old place before any takes its new one, since keys may be swapped. */
const moveKeys = (session: SessionState, states: ReadonlyArray<InstanceState>): void => {
  for (const state of states) session.identities.remove(state)
  for (const state of states) {
    state.key = state.mapper.keyOf(state.values)
    if (session.identities.add(state) === undefined) continue
    throw new FlushError({
      message: `${state.mapper.describe(state.values)} was given the key of another object in the session`,
    })
  }
}

const updateWrite = (session: SessionState, mapper: Mapper, { states, columns, parameters }: UpdateBatch): Write => {
  const { statement, generated } = updateOf(mapper, columns)
  const stale = (count: number | undefined) => staleError("UPDATE", mapper, states, count)
  const movesKeys = columns.some((key) => mapper.column(key).primaryKey)
  return {
    statement,
    parameters,
    expectedRowCount: states.length,
    stale,
    answered: (result) => {
      if (generated.length === 0) {
        if (result.rowCount >= 0 && result.rowCount !== states.length) throw stale(result.rowCount)
      } else {
        const rows = result.all() as ReadonlyArray<Record<string, unknown>>
        if (rows.length !== states.length) throw stale(rows.length)
        takeGenerated(states, generated, rows)
      }
      if (movesKeys) moveKeys(session, states)
    },
  }
}

const deleteWrite = (session: SessionState, mapper: Mapper, { states, parameters }: DeleteBatch): Write => {
  const stale = (count: number | undefined) => staleError("DELETE", mapper, states, count)
  return {
    statement: deleteOf(mapper).statement,
    parameters,
    expectedRowCount: states.length,
    stale,
    answered: ({ rowCount }) => {
      if (rowCount >= 0 && rowCount !== states.length) throw stale(rowCount)
      for (const state of states) {
        session.identities.remove(state)
        state.deleted = true
      }
    },
  }
}

/**
 * Prepares the statements for some rows of a step. What happens to the objects is logged before anything is sent, so that
 * a failure can be undone.
 *
 * @param queued objects that statements prepared before these will insert
 * @throws {FlushError} if an object cannot be written as it is
 */
export const prepareWrites = (session: SessionState, step: FlushStep, queued: Queued): ReadonlyArray<Write> => {
  const { kind, mapper, states, ordered } = step
  if (kind === "insert") {
    const batches = prepareInserts(states, ordered, queued)
    for (const batch of batches) session.log.push({ kind: "inserted", states: batch.states, filled: batch.filled })
    return batches.map((batch) => insertWrite(session, mapper, batch))
  }
  if (kind === "update") {
    const { batches, changes } = prepareUpdates(mapper, states, queued)
    session.log.push({ kind: "updated", changes })
    for (const state of states) session.modified.delete(state)
    return batches.map((batch) => updateWrite(session, mapper, batch))
  }
  const batch = prepareDeletes(states)
  session.log.push({ kind: "deleted", changes: batch.changes })
  for (const state of states) {
    session.deleting.delete(state)
    session.modified.delete(state)
  }
  return [deleteWrite(session, mapper, batch)]
}
