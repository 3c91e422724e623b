import type { Dialect } from "../dialect/dialect.ts"
import { nearest } from "../errors/nearest.ts"
import { shown } from "../errors/shown.ts"
import { StatementError } from "../errors/statement-error.ts"
import { ArgumentError, InvalidRequestError } from "../errors/usage-errors.ts"
import type { FromClause } from "../expression/from-clause.ts"
import type { BindNode } from "../expression/node.ts"
import { Ddl } from "../statement/ddl.ts"
import { Delete } from "../statement/delete-from.ts"
import type { Executable, StatementLevel } from "../statement/executable.ts"
import { Insert } from "../statement/insert.ts"
import { CompoundSelect, Query } from "../statement/query.ts"
import { Select } from "../statement/select.ts"
import { TextClause } from "../statement/text-clause.ts"
import { Update } from "../statement/update.ts"
import type { Compiled, CompiledStep } from "./compiled.ts"
import { ddlTexts } from "./ddl-compiler.ts"
import { type Prepared, prepareDelete, prepareInsertFromSelect, prepareUpdate } from "./dml-compiler.ts"
import { insertSteps } from "./insert-rows.ts"
import { writeQuery } from "./select-compiler.ts"
import { selectionReader } from "./selection-reader.ts"
import { sharedValues } from "./shared-values.ts"
import type { StatementCache } from "./statement-cache.ts"
import { StatementWriter } from "./statement-writer.ts"
import { Template, type ValueOf } from "./template.ts"
import { prepareText } from "./text-compiler.ts"

/** Values for `bindparam` and `:name` places, or rows for an INSERT that has none. */
export type ExecuteParameters = Readonly<Record<string, unknown>>

/** Options of {@link compile}. */
export interface CompileOptions {
  /** Keeps what does not depend on values. */
  readonly cache?: StatementCache | undefined
  /** Values that come with the execution; a list of them runs the statement once for each. */
  readonly parameters?: ExecuteParameters | ReadonlyArray<ExecuteParameters> | undefined
}

/** Sources that an outer join may leave without a row. */
const outerSources = (query: Query<unknown, StatementLevel>): ReadonlySet<FromClause> => {
  if (query instanceof CompoundSelect) return new Set([...outerSources(query.left), ...outerSources(query.right)])
  if (!(query instanceof Select)) return new Set()
  return new Set(query.state.joins.filter((join) => join.outer).map((join) => join.target))
}

const prepareQuery = (query: Query<unknown, StatementLevel>, dialect: Dialect): Prepared => {
  const { binds } = query
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    const reader = selectionReader(dialect, query.selection, outerSources(query))
    writer.statement(() => writeQuery(writer, query, []))
    return new Template(writer, query instanceof Select && query.state.forUpdate !== undefined, reader)
  }
  return { shape: query.shape, binds, compile }
}

const isList = (parameters: CompileOptions["parameters"]): parameters is ReadonlyArray<ExecuteParameters> =>
  Array.isArray(parameters)

const namedValue = (name: string, parameters: ExecuteParameters | undefined): unknown => {
  const value = parameters !== undefined && Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (value !== undefined) return value
  throw new StatementError({
    message: `A value is required for the parameter "${name}": execute(statement, { ${name}: … }). Use null for NULL`,
  })
}

const requireKnownNames = (template: Template, parameters: ExecuteParameters): void => {
  const names = template.slots.flatMap((slot) => (slot.name === undefined ? [] : [slot.name]))
  for (const name of Object.keys(parameters)) {
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    const known = names.length === 0 ? "it has none" : `it has ${[...new Set(names)].join(", ")}`
    throw new StatementError({
      message: `The statement has no parameter "${name}"; ${meant === undefined ? known : `did you mean "${meant}"?`}`,
    })
  }
}

/** One compilation: a statement's dialect, cache and values. */
class Compilation {
  readonly #dialect: Dialect
  readonly #cache: StatementCache | undefined
  readonly #parameters: CompileOptions["parameters"]

  constructor(dialect: Dialect, options: CompileOptions) {
    this.#dialect = dialect
    this.#cache = options.cache
    this.#parameters = options.parameters
    if (isList(this.#parameters) && this.#parameters.length === 0) {
      throw new ArgumentError({ message: "The list of parameter sets is empty; test for that before executing" })
    }
  }

  run(statement: Executable<unknown, StatementLevel>): Compiled<unknown> {
    if (statement instanceof Query) return this.#prepared(prepareQuery(statement, this.#dialect))
    if (statement instanceof Insert) return this.#insert(statement)
    if (statement instanceof Update) return this.#prepared(prepareUpdate(statement.state, this.#dialect))
    if (statement instanceof Delete) return this.#prepared(prepareDelete(statement.state, this.#dialect))
    if (statement instanceof TextClause) return this.#text(statement)
    if (statement instanceof Ddl) return this.#ddl(statement)
    throw new ArgumentError({
      message: `Not a statement: ${shown(statement)}. Pass the result of select(), insert(), update(), deleteFrom(), textClause() or createAll()`,
    })
  }

  #lookup(prepared: Prepared): Template {
    if (this.#cache === undefined) return prepared.compile()
    return this.#cache.get(`${this.#dialect.name} ${prepared.shape}${sharedValues(prepared.binds)}`, prepared.compile)
  }

  #valueOf({ binds }: Prepared, parameters: ExecuteParameters | undefined): ValueOf {
    return (slot) => {
      const bind = binds[slot.index] as BindNode
      return slot.name === undefined ? bind.value : namedValue(slot.name, parameters)
    }
  }

  #step(prepared: Prepared, template: Template): CompiledStep {
    const parameters = this.#parameters
    if (!isList(parameters)) {
      if (parameters !== undefined) requireKnownNames(template, parameters)
      return template.bind(this.#valueOf(prepared, parameters))
    }
    if (template.sql === undefined) {
      throw new InvalidRequestError({
        message:
          "A statement with a list in IN (…) has different SQL for each length of the list, so it cannot run with several parameter sets at once. Execute it once for each set",
      })
    }
    const parameterSets = parameters.map((set, row) => {
      requireKnownNames(template, set)
      return template.bind(this.#valueOf(prepared, set), row).parameters
    })
    return { sql: template.sql, parameterSets }
  }

  #prepared(prepared: Prepared): Compiled<unknown> {
    const template = this.#lookup(prepared)
    return compiled([this.#step(prepared, template)], template)
  }

  #insert({ state }: Insert<unknown, string, unknown>): Compiled<unknown> {
    if (state.select !== undefined) {
      return this.#prepared(prepareInsertFromSelect(state, state.select, this.#dialect))
    }
    const { rows } = state
    const parameters = this.#parameters
    const given = rows ?? (isList(parameters) ? parameters : [parameters ?? {}])
    const single = isList(parameters) ? undefined : parameters
    const { steps, template } = insertSteps(state, given, {
      dialect: this.#dialect,
      lookup: (prepared) => this.#lookup(prepared),
      bindStep: (prepared, template) =>
        rows === undefined ? template.bind(this.#valueOf(prepared, undefined)) : this.#step(prepared, template),
      valueOf: (prepared) => this.#valueOf(prepared, single),
    })
    return compiled(steps, template)
  }

  #text(statement: TextClause<unknown>): Compiled<unknown> {
    const own = statement.parameters
    const parameters = this.#parameters
    if (isList(parameters)) {
      return new Compilation(this.#dialect, {
        cache: this.#cache,
        parameters: parameters.map((set) => ({ ...own, ...set })),
      }).#prepared(prepareText(statement, () => undefined, this.#dialect))
    }
    const merged = { ...own, ...parameters }
    return new Compilation(this.#dialect, { cache: this.#cache, parameters: merged }).#prepared(
      prepareText(statement, (name) => merged[name], this.#dialect),
    )
  }

  #ddl({ operation }: Ddl): Compiled<unknown> {
    const [first, ...others] = ddlTexts(operation, this.#dialect)
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
}

/** Rows of a statement that has none: the engine may ask for them all the same, but none may get lost. */
const noRows = (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>): Array<never> => {
  if (cells.length === 0) return []
  throw new InvalidRequestError({
    message: `The database gave rows (${columns.join(", ")}) for a statement that selects none`,
  })
}

const compiled = (steps: Compiled<unknown>["steps"], template: Template): Compiled<unknown> => {
  const { reader, isWrite } = template
  return {
    steps,
    isWrite,
    returnsRows: template.returnsRows,
    bigints: reader?.bigints ?? false,
    keys: reader?.keys ?? [],
    decodeRows: reader?.decodeRows ?? noRows,
  }
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
): Compiled<Row> => new Compilation(dialect, options).run(statement) as Compiled<Row>
