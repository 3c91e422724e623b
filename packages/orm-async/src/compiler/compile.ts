import type { Dialect } from "../dialect/dialect.ts"
import { shown } from "../errors/shown.ts"
import { ArgumentError, InvalidRequestError } from "../errors/usage-errors.ts"
import { Ddl } from "../statement/ddl.ts"
import { Delete } from "../statement/delete-from.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import { Insert } from "../statement/insert.ts"
import { Query } from "../statement/query.ts"
import { TextClause } from "../statement/text-clause.ts"
import { Update } from "../statement/update.ts"
import { BoundStatement, type Compiled, type CompiledStep, noRows } from "./compiled.ts"
import { ddlTexts } from "./ddl-compiler.ts"
import { prepareDelete, prepareInsertFromSelect, prepareUpdate } from "./dml-compiler.ts"
import { insertSteps } from "./insert-rows.ts"
import { type PreparedTemplate, preparedTemplate } from "./prepared.ts"
import { prepareQuery } from "./select-compiler.ts"
import type { StatementCache } from "./statement-cache.ts"
import type { ExecuteParameters } from "./template.ts"
import { textTemplate } from "./text-compiler.ts"

export type { ExecuteParameters } from "./template.ts"

/** Options of {@link compile}. */
export interface CompileOptions {
  /** Keeps what does not depend on values. */
  readonly cache?: StatementCache | undefined
  /** Values that come with the execution; a list of them runs the statement once for each. */
  readonly parameters?: ExecuteParameters | ReadonlyArray<ExecuteParameters> | undefined
}

const isList = (parameters: CompileOptions["parameters"]): parameters is ReadonlyArray<ExecuteParameters> =>
  Array.isArray(parameters)

const stepOf = ({ template, binds }: PreparedTemplate, parameters: CompileOptions["parameters"]): CompiledStep => {
  if (!isList(parameters)) {
    if (parameters !== undefined) template.requireKnownNames(parameters)
    return template.bind(binds, parameters)
  }
  const { sql } = template
  if (sql === undefined) {
    throw new InvalidRequestError({
      message:
        "A statement with a list in IN (…) has different SQL for each length of the list, so it cannot run with several parameter sets at once. Execute it once for each set",
    })
  }
  const parameterSets = parameters.map((set, row) => {
    template.requireKnownNames(set)
    return template.bind(binds, set, row).parameters
  })
  return { sql, parameterSets }
}

const compileInsert = (
  statement: Insert<unknown, string, unknown>,
  dialect: Dialect,
  { cache, parameters }: CompileOptions,
): Compiled<unknown> => {
  const { rows } = statement.state
  const given = rows ?? (isList(parameters) ? parameters : [parameters ?? {}])
  // Without rows of its own, the values that come with the execution are rows.
  const named = rows === undefined ? undefined : parameters
  const { steps, template } = insertSteps(statement, given, {
    dialect,
    cache,
    parameters: isList(named) ? undefined : named,
    bind: (prepared) => stepOf(prepared, named),
  })
  return new BoundStatement(steps, template)
}

/** Values for SQL text: those that it has, and those that come with the execution. */
const textParameters = (
  { parameters: own }: TextClause<unknown>,
  given: CompileOptions["parameters"],
): NonNullable<CompileOptions["parameters"]> =>
  isList(given) ? given.map((set) => ({ ...own, ...set })) : given === undefined ? own : { ...own, ...given }

const compileDdl = ({ operation }: Ddl, dialect: Dialect): Compiled<unknown> => {
  const [first, ...others] = ddlTexts(operation, dialect)
  const step = (sql: string): CompiledStep => ({ sql, parameters: [] })
  return {
    steps: [step(first), ...others.map(step)],
    isWrite: true,
    returnsRows: false,
    bigints: false,
    keys: [],
    decodeRows: noRows,
  }
}

const isSet = (set: unknown): boolean => typeof set === "object" && set !== null && !Array.isArray(set)

const checkParameters = (parameters: NonNullable<CompileOptions["parameters"]>): void => {
  if (!isList(parameters)) {
    if (!isSet(parameters)) throw notParameters("", parameters)
  } else if (parameters.length === 0) {
    throw new ArgumentError({ message: "The list of parameter sets is empty; test for that before executing" })
  } else {
    for (let row = 0; row < parameters.length; row++) {
      if (!isSet(parameters[row])) throw notParameters(` (set ${row})`, parameters[row])
    }
  }
}

const notParameters = (where: string, given: unknown): ArgumentError =>
  new ArgumentError({
    message:
      `Parameters${where} must be an object of values by name; got ${shown(given)}. Write textClause("… = :id") and ` +
      "{ id: 1 }; values for ? by position are taken by execDriverSql()",
  })

const compileAny = (
  statement: Executable<unknown, StatementLevel>,
  dialect: Dialect,
  options: CompileOptions,
): Compiled<unknown> => {
  const { cache, parameters } = options
  if (parameters !== undefined) checkParameters(parameters)
  let prepared: PreparedTemplate
  let values = parameters
  if (statement instanceof Query) prepared = preparedTemplate(statement, dialect, cache, prepareQuery)
  else if (statement instanceof Insert) {
    if (statement.state.select === undefined) return compileInsert(statement, dialect, options)
    prepared = preparedTemplate(statement, dialect, cache, prepareInsertFromSelect)
  } else if (statement instanceof Update) prepared = preparedTemplate(statement, dialect, cache, prepareUpdate)
  else if (statement instanceof Delete) prepared = preparedTemplate(statement, dialect, cache, prepareDelete)
  else if (statement instanceof TextClause) {
    values = textParameters(statement, parameters)
    prepared = textTemplate(statement, dialect, cache, values)
  } else if (statement instanceof Ddl) return compileDdl(statement, dialect)
  else {
    throw new ArgumentError({
      message: `Not a statement: ${shown(statement)}. Pass the result of select(), insert(), update(), deleteFrom(), textClause() or createAll()`,
    })
  }
  return new BoundStatement([stepOf(prepared, values)], prepared.template)
}

/**
 * Compiles a statement for a dialect and binds its values. Pure: no I/O. Throws `ArgumentError`, `CompileError`,
 * `InvalidRequestError` or `StatementError`.
 *
 * @example
 * ```ts
 * import { compile, eq, integer, select, sqliteDialect, table } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey() })
 * const { steps } = compile(select(users).where(eq(users.c.id, 7)), sqliteDialect)
 * // steps[0].sql: SELECT "users"."id" FROM "users" WHERE "users"."id" = ?
 * ```
 * @see SQLAlchemy `ClauseElement.compile`
 */
export const compile = <Row, Level extends StatementLevel>(
  statement: Executable<Row, Level>,
  dialect: Dialect,
  options: CompileOptions = {},
): Compiled<Row> => compileAny(statement, dialect, options) as Compiled<Row>
