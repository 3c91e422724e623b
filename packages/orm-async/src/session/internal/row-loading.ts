import * as Effect from "effect/Effect"
import type { AsyncConnection } from "../../connection/connection.ts"
import { InvalidRequestError } from "../../errors/index.ts"
import type { Column } from "../../expression/index.ts"
import { eq } from "../../expression/index.ts"
import { select } from "../../statement/index.ts"
import type { RefreshOptions } from "../session.ts"
import type { SessionError } from "../session-error.ts"
import { attempt } from "./attempt.ts"
import { stateOf } from "./instance.ts"
import { type InstanceState, storedValue } from "./instance-state.ts"
import { entityLoader, type LoadedRow, type LoadOptions, overwrite, overwriteColumns } from "./loading.ts"
import type { Mapper, Reference } from "./mapper.ts"
import type { SessionState } from "./session-state.ts"

/** Selects the rows of a class with the given values. */
const selectBy = (
  connection: AsyncConnection,
  mapper: Mapper,
  keys: ReadonlyArray<string>,
  values: ReadonlyArray<unknown>,
  { withForUpdate = false }: RefreshOptions,
): Effect.Effect<LoadedRow | undefined, SessionError> => {
  const columns = mapper.table.c as unknown as Readonly<Record<string, Column<unknown, string, string>>>
  return Effect.flatMap(
    attempt(() => {
      const statement = select(mapper.table).where(
        ...keys.map((key, at) => eq(columns[key] as never, values[at] as never)),
      )
      if (withForUpdate === false) return statement
      return statement.withForUpdate(withForUpdate === true ? {} : withForUpdate)
    }),
    (statement) =>
      Effect.map(connection.execute(statement), (result) => (result.first() as LoadedRow | null) ?? undefined),
  )
}

/** The object of the row with the given values, as the session has it or newly made; undefined if there is no row. */
export const loadOne = (
  session: SessionState,
  connection: AsyncConnection,
  mapper: Mapper,
  keys: ReadonlyArray<string>,
  values: ReadonlyArray<unknown>,
  refresh: RefreshOptions,
  load: LoadOptions,
): Effect.Effect<InstanceState | undefined, SessionError> =>
  Effect.flatMap(selectBy(connection, mapper, keys, values, refresh), (row) =>
    attempt(() => (row === undefined ? undefined : stateOf(entityLoader(session, mapper, load)(row)))),
  )

/** Loads what an object refers to. */
const loadReference = (
  session: SessionState,
  connection: AsyncConnection,
  state: InstanceState,
  reference: Reference,
  load: LoadOptions,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const values = reference.pairs.map(({ local }) => state.values[local])
    const put = (target: object | null) => {
      state.references ??= {}
      state.references[reference.name] = target
      if (state.originalReferences !== undefined) delete state.originalReferences[reference.name]
    }
    if (values.includes(null)) return put(null)
    const keys = reference.pairs.map(({ remote }) => remote)
    const parent = yield* loadOne(session, connection, reference.target, keys, values, {}, load)
    if (parent !== undefined) return put(parent.entity)
    const wanted = keys.map((key, at) => `${key}: ${String(values[at])}`).join(", ")
    return yield* Effect.fail(
      new InvalidRequestError({
        message: `${state.mapper.describe(state.values)}.${reference.name} refers to ${reference.target.name}(${wanted}), which does not exist.`,
      }),
    )
  })

/** Loads an object's row again: all of it, or the columns and references that are named. */
export const refreshState = (
  session: SessionState,
  connection: AsyncConnection,
  state: InstanceState,
  names: ReadonlyArray<string> | undefined,
  options: RefreshOptions,
  load: LoadOptions,
): Effect.Effect<void, SessionError> =>
  Effect.gen(function* () {
    const { mapper } = state
    const references = mapper.references.filter(({ name }) => names?.includes(name) ?? false)
    const keys = new Set(names?.filter((name) => mapper.hasColumn(name)))
    // The foreign keys of what is to be loaded must be known.
    for (const { pairs } of references) {
      for (const { local } of pairs) if (state.values[local] === undefined) keys.add(local)
    }
    if (names === undefined || keys.size > 0) {
      const primary = mapper.primaryKey.map(({ key }) => key)
      const values = primary.map((key) => storedValue(state, key))
      const row = yield* selectBy(connection, mapper, primary, values, options)
      if (row === undefined) {
        return yield* Effect.fail(
          new InvalidRequestError({
            message: `Could not refresh ${mapper.describe(state.values)}: its row is gone.`,
          }),
        )
      }
      if (names === undefined) overwrite(session, state, row)
      else overwriteColumns(session, state, row, [...keys])
      if (load.afterOwnStatements) session.log.push({ kind: "read", state })
    }
    for (const reference of references) {
      yield* loadReference(session, connection, state, reference, { ...load, populateExisting: false })
    }
  })
