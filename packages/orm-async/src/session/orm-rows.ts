import { stateOf } from "../entity/instance.ts"
import { Mapper } from "../entity/mapper.ts"
import { BufferedResult } from "../result/internal/buffered-result.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import type { Selection } from "../statement/selection.ts"
import { entityLoader, type LoadedRow, type LoadOptions } from "./entity-loader.ts"
import type { ScalarOf } from "./session.ts"
import type { SessionState } from "./session-state.ts"

/** Makes of the rows of a statement what a session gives. */
export interface OrmRows {
  /** Makes the session's rows of plain ones, in place where they stay plain objects. */
  readonly convert: (rows: ReadonlyArray<unknown>) => Array<unknown>
  /** The way in which a result reads rows that are entities. */
  readonly reading:
    | { readonly valuesOf: (row: unknown) => ReadonlyArray<unknown>; readonly scalarOf: (row: unknown) => unknown }
    | undefined
}

const selectionOf = (statement: Executable<unknown, StatementLevel>): Selection | undefined => {
  const { selection, state } = statement as {
    readonly selection?: Selection
    readonly state?: { readonly returning?: Selection }
  }
  return selection ?? state?.returning
}

/** Undefined for a statement without entities: its rows stay as they are. */
export const ormRows = (
  statement: Executable<unknown, StatementLevel>,
  session: SessionState,
  options: LoadOptions,
): OrmRows | undefined => {
  const selection = selectionOf(statement)
  if (selection === undefined) return undefined
  const loaders = selection.items.flatMap((item) =>
    item.kind === "source" && item.entity instanceof Mapper
      ? [{ key: item.key, mapper: item.entity, load: entityLoader(session, item.entity, options) }]
      : [],
  )
  const [first] = loaders
  if (first === undefined) return undefined
  if (selection.form === "source") {
    const { mapper, load } = first
    const keys = mapper.columns.map(({ key }) => key)
    return {
      convert: (rows) => rows.map((row) => (row === null ? null : load(row as LoadedRow))),
      reading: {
        valuesOf: (row) => keys.map((key) => (row === null ? null : stateOf(row as object).values[key])),
        scalarOf: (row) => row,
      },
    }
  }
  return {
    convert: (rows) => {
      for (const row of rows as ReadonlyArray<Record<string, unknown>>) {
        for (const { key, load } of loaders) {
          const nested = row[key]
          if (nested !== null) row[key] = load(nested as LoadedRow)
        }
      }
      return rows as Array<unknown>
    },
    reading: undefined,
  }
}

/** A statement's result with the session's objects in the place of their rows. */
export const sessionResult = <Row>(
  statement: Executable<Row, StatementLevel>,
  result: BufferedResult<Row>,
  session: SessionState,
  options: LoadOptions,
): BufferedResult<Row, ScalarOf<Row>> => {
  const orm = ormRows(statement, session, options)
  if (orm === undefined) return result as unknown as BufferedResult<Row, ScalarOf<Row>>
  const { keys, rowCount } = result
  const rows = orm.convert(result.all()) as Array<Row>
  return new BufferedResult<Row, ScalarOf<Row>>({ keys, returnsRows: true, rowCount, rows, ...orm.reading })
}
