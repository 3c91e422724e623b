import * as Effect from "effect/Effect"
import type { AsyncConnection } from "../../connection/connection.ts"
import { FlushError, IllegalStateChangeError, type SqlError, StaleDataError } from "../../errors/index.ts"
import { Expression } from "../../expression/expression.ts"
import { and, type Condition, eq } from "../../expression/index.ts"
import { namedNode } from "../../expression/literal.ts"
import type { AnyTable } from "../../schema/index.ts"
import { deleteFrom, insert, update } from "../../statement/index.ts"
import type { NamedExpression } from "../../statement/selection.ts"
import type { SessionError } from "../session-error.ts"
import { type FlushStep, planFlush } from "../unit-of-work.ts"
import { attempt } from "./attempt.ts"
import {
  type DeleteBatch,
  type InsertBatch,
  keyParameter,
  prepareDeletes,
  prepareInserts,
  prepareUpdates,
  type UpdateBatch,
  valueParameter,
} from "./flush-batches.ts"
import type { InstanceState } from "./instance-state.ts"
import type { Mapper } from "./mapper.ts"
import type { SessionState } from "./session-state.ts"

/**
 * Rows of one round trip. Between two of them the loop is free, so that a flush of any size holds it no longer than it
 * takes to encode so many.
 */
const rowsPerBatch = 1000

const column = (table: AnyTable, key: string): NamedExpression =>
  (table.c as unknown as Readonly<Record<string, NamedExpression>>)[key] as NamedExpression

const parameter = (table: AnyTable, key: string, name: string): Expression<never> => {
  const { type } = column(table, key)
  return new Expression(namedNode(name, type), type)
}

/** The condition that finds one row by parameters. */
const byKey = (mapper: Mapper): Condition => {
  const { table } = mapper
  return and(...mapper.primaryKey.map(({ key }) => eq(column(table, key), parameter(table, key, keyParameter(key)))))
}

const requireRows = (
  what: "UPDATE" | "DELETE" | "INSERT",
  mapper: Mapper,
  states: ReadonlyArray<InstanceState>,
  count: number,
): Effect.Effect<void, StaleDataError> => {
  if (count < 0 || count === states.length) return Effect.void
  const shown = states.slice(0, 5).map((state) => mapper.describe(state.values))
  const more = states.length > shown.length ? ` and ${states.length - shown.length} more` : ""
  return Effect.fail(
    new StaleDataError({
      message:
        `${what} on table ${mapper.table.fullName} was to change ${states.length} rows but changed ${count}: ` +
        `rows of ${shown.join(", ")}${more} were changed or deleted by someone else. Roll back, and load them again.`,
    }),
  )
}

/** An object is a row now. */
const becomePersistent = (session: SessionState, state: InstanceState): void => {
  const { mapper } = state
  const key = mapper.keyOf(state.values)
  if (key === undefined) {
    throw new FlushError({
      message: `${mapper.name} was inserted but its primary key is not known. Set it, or let the database give it back.`,
    })
  }
  state.key = key
  const present = session.identities.add(state)
  if (present !== undefined) {
    state.key = undefined
    throw new FlushError({
      message: `The new ${mapper.describe(state.values)} has the key of another object in the session. Two objects cannot stand for one row.`,
    })
  }
  session.pending.delete(state)
}

/** Sends a statement. Its answer means nothing to a session that was closed while it was waited for. */
const send = <A>(session: SessionState, statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SessionError> =>
  Effect.suspend(() => {
    const { rollbacks } = session
    return Effect.flatMap(
      statement,
      (answer): Effect.Effect<A, SessionError> =>
        session.rollbacks === rollbacks
          ? Effect.succeed(answer)
          : Effect.fail(
              new IllegalStateChangeError({
                message: "The session was closed by another fiber while it was flushing.",
              }),
            ),
    )
  })

const insertBatch = (
  session: SessionState,
  connection: AsyncConnection,
  mapper: Mapper,
  { states, returning }: InsertBatch,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const statement = insert(mapper.table).values(states.map(({ values }) => values as never))
    const [first, ...others] = returning.map(({ key }) => column(mapper.table, key))
    if (first === undefined) yield* send(session, connection.execute(statement))
    else {
      const result = yield* send(session, connection.execute(statement.returning(first, ...others)))
      const rows = result.all() as ReadonlyArray<Record<string, unknown>>
      yield* requireRows("INSERT", mapper, states, rows.length)
      states.forEach((state, at) => {
        for (const { key } of returning) state.values[key] = rows[at]?.[key]
      })
    }
    yield* attempt(() => {
      for (const state of states) becomePersistent(session, state)
    })
  })

const updateBatch = (
  session: SessionState,
  connection: AsyncConnection,
  mapper: Mapper,
  { states, columns, parameters }: UpdateBatch,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const { table } = mapper
    const set = Object.fromEntries(columns.map((key) => [key, parameter(table, key, valueParameter(key))]))
    const generated = mapper.columns.filter(({ key, generatedOnUpdate }) => generatedOnUpdate && !columns.includes(key))
    const statement = update(table)
      .set(set as never)
      .where(byKey(mapper))
    const [first, ...others] = generated.map(({ key }) => column(table, key))
    if (first === undefined) {
      const { rowCount } = yield* send(session, connection.execute(statement, parameters))
      yield* requireRows("UPDATE", mapper, states, rowCount)
    } else {
      const result = yield* send(session, connection.execute(statement.returning(first, ...others), parameters))
      const rows = result.all() as ReadonlyArray<Record<string, unknown>>
      yield* requireRows("UPDATE", mapper, states, rows.length)
      states.forEach((state, at) => {
        for (const { key } of generated) state.values[key] = rows[at]?.[key]
      })
    }
    if (columns.some((key) => mapper.column(key).primaryKey)) yield* attempt(() => moveKeys(session, states))
  })

/** Rows have new primary keys. All leave their old place before any takes its new one, since keys may be swapped. */
const moveKeys = (session: SessionState, states: ReadonlyArray<InstanceState>): void => {
  for (const state of states) session.identities.remove(state)
  for (const state of states) {
    state.key = state.mapper.keyOf(state.values)
    if (session.identities.add(state) === undefined) continue
    throw new FlushError({
      message: `${state.mapper.describe(state.values)} was given the key of another object in the session.`,
    })
  }
}

const deleteBatch = (
  session: SessionState,
  connection: AsyncConnection,
  mapper: Mapper,
  { states, parameters }: DeleteBatch,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const { rowCount } = yield* send(
      session,
      connection.execute(deleteFrom(mapper.table).where(byKey(mapper)), parameters),
    )
    yield* requireRows("DELETE", mapper, states, rowCount)
    for (const state of states) {
      session.identities.remove(state)
      state.deleted = true
    }
  })

/** Writes some rows of a step. What happens to objects is logged before it is sent, so that a failure can be undone. */
const runChunk = (
  session: SessionState,
  connection: AsyncConnection,
  step: FlushStep,
  states: ReadonlyArray<InstanceState>,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const { mapper } = step
    if (step.kind === "insert") {
      const batches = yield* attempt(() => prepareInserts(states, step.ordered))
      for (const batch of batches) session.log.push({ kind: "inserted", states: batch.states, filled: batch.filled })
      for (const batch of batches) yield* insertBatch(session, connection, mapper, batch)
    } else if (step.kind === "update") {
      const { batches, changes } = yield* attempt(() => prepareUpdates(mapper, states))
      session.log.push({ kind: "updated", changes })
      for (const state of states) session.modified.delete(state)
      for (const batch of batches) yield* updateBatch(session, connection, mapper, batch)
    } else {
      const batch = prepareDeletes(states)
      session.log.push({ kind: "deleted", changes: batch.changes })
      for (const state of states) {
        session.deleting.delete(state)
        session.modified.delete(state)
      }
      yield* deleteBatch(session, connection, mapper, batch)
    }
  })

/**
 * Writes what a session holds, in the order of the plan and `rowsPerBatch` rows at a time. After a failure or an
 * interruption the objects are in between: the session must roll them back.
 */
export const flush = (
  session: SessionState,
  connection: Effect.Effect<AsyncConnection, SessionError>,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const steps = yield* attempt(() =>
      planFlush({
        inserts: session.pending,
        updates: [...session.modified].filter((state) => !session.deleting.has(state)),
        deletes: session.deleting,
      }),
    )
    if (steps.length === 0) return
    const conn = yield* connection
    for (const step of steps) {
      for (let from = 0; from < step.states.length; from += rowsPerBatch) {
        yield* runChunk(session, conn, step, step.states.slice(from, from + rowsPerBatch))
      }
    }
  })
