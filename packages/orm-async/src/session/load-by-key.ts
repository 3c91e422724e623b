import { stateOf } from "../entity/instance.ts"
import { type InstanceState, storedValue } from "../entity/instance-state.ts"
import type { Mapper } from "../entity/mapper.ts"
import type { Reference } from "../entity/reference.ts"
import { InvalidRequestError } from "../errors/index.ts"
import { eq } from "../expression/index.ts"
import { type Procedure, wait } from "../operation/operation.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import { type Executable, type Select, select } from "../statement/index.ts"
import { columnOf, keyParameter, parameterFor } from "./column-parameter.ts"
import { entityLoader, type LoadedRow, type LoadOptions, overwrite, overwriteColumns } from "./entity-loader.ts"
import type { RefreshOptions } from "./session.ts"
import type { SessionConnection } from "./session-connection.ts"
import type { SessionState } from "./session-state.ts"

type SelectRow = Executable<LoadedRow> & Pick<Select<unknown, never, "core">, "withForUpdate">

/** A statement that selects the row with some values, and the values as its parameters. */
export interface KeyQuery {
  readonly statement: Executable<LoadedRow>
  readonly parameters: Readonly<Record<string, unknown>>
}

/** By class and columns, so that a statement is made and compiled once however often it runs. */
const statements = new WeakMap<Mapper, Map<string, SelectRow>>()

const statementBy = (mapper: Mapper, keys: ReadonlyArray<string>): SelectRow => {
  let byColumns = statements.get(mapper)
  if (byColumns === undefined) {
    byColumns = new Map()
    statements.set(mapper, byColumns)
  }
  const name = keys.length === 1 ? (keys[0] as string) : keys.join()
  let statement = byColumns.get(name)
  if (statement === undefined) {
    const { table } = mapper
    statement = select(table).where(
      ...keys.map((key) => eq(columnOf(table, key), parameterFor(table, key, keyParameter(key)))),
    ) as unknown as SelectRow
    byColumns.set(name, statement)
  }
  return statement
}

/** The query for the row of a class with the given values of some columns. */
export const keyQuery = (
  mapper: Mapper,
  keys: ReadonlyArray<string>,
  values: ReadonlyArray<unknown>,
  { withForUpdate = false }: RefreshOptions = {},
): KeyQuery => {
  const parameters: Record<string, unknown> = {}
  for (let at = 0; at < keys.length; at++) parameters[keyParameter(keys[at] as string)] = values[at]
  const statement = statementBy(mapper, keys)
  if (withForUpdate === false) return { statement, parameters }
  const locking = statement.withForUpdate(withForUpdate === true ? {} : withForUpdate)
  return { statement: locking as unknown as Executable<LoadedRow>, parameters }
}

/** The object of the only row of a result, as the session has it or newly made; undefined if there is no row. */
export const takeEntity = (
  session: SessionState,
  mapper: Mapper,
  result: BufferedResult<LoadedRow>,
  load: LoadOptions,
): InstanceState | undefined => {
  const row = result.first()
  return row === null ? undefined : stateOf(entityLoader(session, mapper, load)(row))
}

function* rowBy(connection: SessionConnection, { statement, parameters }: KeyQuery): Procedure<LoadedRow | undefined> {
  const result = yield* wait(connection.execute(() => connection.compile(statement, parameters)))
  return result.first() ?? undefined
}

/** The place where objects are kept, and the connection that rows come from. */
export interface LoadContext {
  readonly session: SessionState
  readonly connection: SessionConnection
  readonly load: LoadOptions
}

/** The object of the row with the given values, as the session has it or newly made; undefined if there is no row. */
export function* loadOne(
  { session, connection, load }: LoadContext,
  mapper: Mapper,
  query: KeyQuery,
): Procedure<InstanceState | undefined> {
  const row = yield* rowBy(connection, query)
  return row === undefined ? undefined : stateOf(entityLoader(session, mapper, load)(row))
}

/** Loads what an object refers to. */
function* loadReference(context: LoadContext, state: InstanceState, reference: Reference): Procedure<void> {
  const values = reference.pairs.map(({ local }) => state.values[local])
  const put = (target: object | null): void => {
    state.references ??= {}
    state.references[reference.name] = target
    if (state.originalReferences !== undefined) delete state.originalReferences[reference.name]
  }
  if (values.includes(null)) return put(null)
  const keys = reference.pairs.map(({ remote }) => remote)
  const parent = yield* loadOne(context, reference.target, keyQuery(reference.target, keys, values))
  if (parent !== undefined) return put(parent.entity)
  const wanted = keys.map((key, at) => `${key}: ${String(values[at])}`).join(", ")
  throw new InvalidRequestError({
    message: `${state.mapper.describe(state.values)}.${reference.name} refers to ${reference.target.name}(${wanted}), which does not exist`,
  })
}

/** Loads an object's row again: all of it, or the columns and references that are named. */
export function* refreshState(
  context: LoadContext,
  state: InstanceState,
  names: ReadonlyArray<string> | undefined,
  options: RefreshOptions,
): Procedure<void> {
  const { session, connection, load } = context
  const { mapper } = state
  const references = mapper.references.filter(({ name }) => names?.includes(name) ?? false)
  const keys = new Set(names?.filter((name) => mapper.hasColumn(name)))
  // The foreign keys of what is to be loaded must be known.
  for (const { pairs } of references) {
    for (const { local } of pairs) if (state.values[local] === undefined) keys.add(local)
  }
  if (names === undefined || keys.size > 0) {
    const primary = mapper.primaryKeys
    const values = primary.map((key) => storedValue(state, key))
    const row = yield* rowBy(connection, keyQuery(mapper, primary, values, options))
    if (row === undefined) {
      throw new InvalidRequestError({
        message: `Could not refresh ${mapper.describe(state.values)}: its row is gone`,
      })
    }
    if (names === undefined) overwrite(session, state, row)
    else overwriteColumns(session, state, row, [...keys])
    if (load.afterOwnStatements) session.log.push({ kind: "read", state })
  }
  for (const reference of references) {
    yield* loadReference({ ...context, load: { ...load, populateExisting: false } }, state, reference)
  }
}
