import { type BoundParameters, type BoundValue, bindParameters } from "./bind-parameters.ts"
import type { PreparedStatement, PreparedStatements } from "./prepared-statements.ts"

const maxParameters = 65_535
const anyValues: ReadonlyArray<BoundValue> = []

/** A statement with the values that it is sent with. */
export interface BoundStatement {
  readonly statement: PreparedStatement
  readonly values: ReadonlyArray<BoundValue>
}

const bind = (parameters: ReadonlyArray<unknown>): BoundParameters => {
  const bound = bindParameters(parameters)
  if (bound.values.length <= maxParameters) return bound
  throw Object.assign(
    new Error(
      `The statement has ${bound.values.length} parameters, and PostgreSQL takes ${maxParameters} at most; pass a list ` +
        "as one array, as in = ANY($1), or split the statement",
    ),
    { code: "MAX_PARAMETERS_EXCEEDED" },
  )
}

/**
 * A statement with values ready to be sent.
 *
 * @throws {Error} if it cannot be sent
 */
export const bindStatement = (
  statements: PreparedStatements,
  sql: string,
  parameters: ReadonlyArray<unknown>,
): BoundStatement => {
  const { values, types } = bind(parameters)
  return { statement: statements.find(sql, values, types), values }
}

/**
 * The same for a text that will not be sent again.
 *
 * @throws {Error} if it cannot be sent
 */
export const bindOnce = (
  statements: PreparedStatements,
  sql: string,
  parameters: ReadonlyArray<unknown>,
): BoundStatement => {
  const { values, types } = bind(parameters)
  return { statement: statements.once(sql, types), values }
}

/**
 * A statement for each set of values, the same for all if their types agree.
 *
 * @param refuse makes the error of a set that cannot be sent, by its position from 0
 */
export const bindSets = (
  statements: PreparedStatements,
  sql: string,
  parameterSets: ReadonlyArray<ReadonlyArray<unknown>>,
  refuse: (error: unknown, index: number) => Error,
): ReadonlyArray<BoundStatement> => {
  const sets = parameterSets.map((parameters, index) => {
    try {
      return bind(parameters)
    } catch (error) {
      throw refuse(error, index)
    }
  })
  const types = commonTypes(sets)
  if (types === undefined) {
    return sets.map((set) => ({ statement: statements.find(sql, set.values, set.types), values: set.values }))
  }
  const statement = statements.find(sql, anyValues, types)
  return sets.map(({ values }) => ({ statement, values }))
}

/** The types that all sets have, where NULL is of any; undefined if they differ. */
const commonTypes = (sets: ReadonlyArray<BoundParameters>): ReadonlyArray<number> | undefined => {
  const [first] = sets
  if (first === undefined) return undefined
  const common = new Array<number | undefined>(first.values.length).fill(undefined)
  for (const { values, types } of sets) {
    if (values.length !== common.length) return undefined
    for (let index = 0; index < values.length; index++) {
      if (values[index] === null) continue
      common[index] ??= types[index]
      if (common[index] !== types[index]) return undefined
    }
  }
  return common.map((type) => type ?? 0)
}
