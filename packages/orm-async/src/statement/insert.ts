import { ArgumentError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import { Compilable } from "../expression/compilable.ts"
import { conditionNode } from "../expression/condition.ts"
import type { Expression } from "../expression/expression.ts"
import { type ColumnsOf, FromClause } from "../expression/from-clause.ts"
import { assignedNode } from "../expression/literal.ts"
import type { ExpressionNode } from "../expression/node.ts"
import type { Condition } from "../expression/operators.ts"
import type { AnyTable, Table } from "../schema/table.ts"
import { Alias } from "./alias.ts"
import type { Executable, levelType, rowType, StatementLevel } from "./executable.ts"
import type { Query } from "./query.ts"
import {
  type NamedExpression,
  type RowOfSelection,
  type SelectItem,
  type Selection,
  type SelectionOf,
  selectionOf,
} from "./selection.ts"
import { unknownColumn } from "./unknown-column.ts"

/** Values of a row by column key: plain values, or expressions that the database computes. */
export type InsertValues<Row, Optional extends string> = {
  readonly [K in Exclude<keyof Row, Optional>]: Row[K] | Expression<Row[K], string>
} & { readonly [K in keyof Row & Optional]?: Row[K] | Expression<Row[K], string> | undefined }

/** New values by column key: plain values, or expressions. A key whose value is undefined is left as it is. */
export type SetValues<Row> = { readonly [K in keyof Row]?: Row[K] | Expression<Row[K] | null, string> | undefined }

/** The key that rows conflict in: a unique column, several, or a constraint by name (PostgreSQL). */
export type ConflictTarget = AnyColumn | ReadonlyArray<AnyColumn> | { readonly constraint: string }

/** Options of {@link Insert.onConflictDoNothing}. */
export interface DoNothingOptions {
  /** Any conflict if absent. */
  readonly target?: ConflictTarget | undefined
  /** The condition of the partial unique index that is meant. */
  readonly targetWhere?: Condition | undefined
}

/** Options of {@link Insert.onConflictDoUpdate}. */
export interface DoUpdateOptions<Row> {
  readonly target: ConflictTarget
  /** The condition of the partial unique index that is meant. */
  readonly targetWhere?: Condition | undefined
  /** New values for the row that is there; `excluded` is the row that was to be inserted. */
  readonly set: SetValues<Row> | ((excluded: ColumnsOf<Row, "excluded">) => SetValues<Row>)
  /** Only rows for which it holds are changed. */
  readonly where?: Condition | undefined
}

export interface Conflict {
  readonly target: { readonly columns: ReadonlyArray<AnyColumn> } | { readonly constraint: string } | undefined
  readonly targetWhere: ExpressionNode | undefined
  readonly set: ReadonlyArray<Assignment> | undefined
  readonly where: ExpressionNode | undefined
}

/** `column = value` of an UPDATE. */
export interface Assignment {
  readonly column: AnyColumn
  readonly value: ExpressionNode
}

/** Rows as they were given: the compiler checks and completes them. */
export type GivenRow = Readonly<Record<string, unknown>>

/** Everything that an INSERT says. */
export interface InsertState {
  readonly table: AnyTable
  /** Undefined: none given yet; the rows may come with the execution. */
  readonly rows: ReadonlyArray<GivenRow> | undefined
  readonly select:
    | { readonly columns: ReadonlyArray<AnyColumn>; readonly query: Query<unknown, StatementLevel> }
    | undefined
  readonly conflict: Conflict | undefined
  readonly returning: Selection | undefined
}

/**
 * Reads `set`: keys become columns, values nodes. An undefined value means that the column is not set.
 */
export const assignmentsOf = (table: AnyTable, values: GivenRow, what: string): ReadonlyArray<Assignment> => {
  const assignments: Array<Assignment> = []
  for (const [key, value] of Object.entries(values)) {
    const columns = table.c as Readonly<Record<string, AnyColumn>>
    const column = Object.hasOwn(columns, key) ? columns[key] : undefined
    if (column === undefined) throw unknownColumn(table, key, what)
    if (value === undefined) continue
    assignments.push({ column, value: assignedNode(value, column.type, column.node) })
  }
  return assignments
}

const conflictTarget = (target: ConflictTarget | undefined): Conflict["target"] => {
  if (target === undefined) return undefined
  if ("constraint" in target) return { constraint: target.constraint }
  const columns = Array.isArray(target) ? (target as ReadonlyArray<AnyColumn>) : [target as AnyColumn]
  if (columns.length === 0)
    throw new ArgumentError({ message: "The target of onConflict is an empty list; leave it out for any conflict" })
  return { columns }
}

const optionalCondition = (condition: Condition | undefined, option: string): ExpressionNode | undefined =>
  condition === undefined ? undefined : conditionNode(condition, `The option ${option} of onConflict`)

/** The row that an INSERT … ON CONFLICT DO UPDATE was to insert. */
class Excluded extends Alias {
  constructor(of: AnyTable) {
    super("excluded", of)
  }
}

/**
 * An INSERT. Immutable: each method gives a new statement.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Insert`
 */
export class Insert<Row, Optional extends string, Returned> extends Compilable implements Executable<Returned, "core"> {
  declare readonly [rowType]: Returned
  declare readonly [levelType]: "core"
  readonly statementKind = "insert"
  readonly state: InsertState

  constructor(state: InsertState) {
    super()
    this.state = state
  }

  /**
   * One row or many. Many rows of plain values run as one batch of one prepared statement, in order; rows that give
   * different columns run as a batch for each run of like rows. A column left out, or undefined, gets its default.
   *
   * @see SQLAlchemy `Insert.values`
   */
  values(
    rows: InsertValues<Row, Optional> | ReadonlyArray<InsertValues<Row, Optional>>,
  ): Insert<Row, Optional, Returned> {
    const given = (Array.isArray(rows) ? rows : [rows]) as ReadonlyArray<GivenRow>
    if (given.length === 0) {
      throw new ArgumentError({
        message: `insert(${this.state.table.name}).values([]) has no rows; test for an empty list first`,
      })
    }
    return this.#with({ rows: given, select: undefined })
  }

  /**
   * The rows of a query, whose columns fill the named ones in order. Client-side defaults do not apply.
   *
   * @see SQLAlchemy `Insert.from_select`
   */
  fromSelect(
    columns: ReadonlyArray<AnyColumn | (keyof Row & string)>,
    query: Query<unknown, StatementLevel>,
  ): Insert<Row, Optional, Returned> {
    const { table } = this.state
    const resolved = columns.map((column) => {
      if (typeof column !== "string") return column
      const found = (table.c as Readonly<Record<string, AnyColumn>>)[column]
      if (found === undefined) throw unknownColumn(table, column, "insert().fromSelect()")
      return found
    })
    const selected = query.outputColumns().length
    if (resolved.length !== selected) {
      throw new ArgumentError({
        message: `insert().fromSelect() names ${resolved.length} columns but the query selects ${selected}`,
      })
    }
    return this.#with({ select: { columns: resolved, query }, rows: undefined })
  }

  /** Leaves out rows that conflict with one that is there. */
  onConflictDoNothing(options: DoNothingOptions = {}): Insert<Row, Optional, Returned> {
    return this.#with({
      conflict: {
        target: conflictTarget(options.target),
        targetWhere: optionalCondition(options.targetWhere, "targetWhere"),
        set: undefined,
        where: undefined,
      },
    })
  }

  /**
   * Changes the row that is there instead ("upsert").
   *
   * @example
   * ```ts
   * import { insert, table, text } from "@offloop/orm-async"
   *
   * const settings = table("settings", { key: text().primaryKey(), value: text() })
   * insert(settings)
   *   .values({ key: "theme", value: "dark" })
   *   .onConflictDoUpdate({ target: settings.c.key, set: (excluded) => ({ value: excluded.value }) })
   * ```
   * @see SQLAlchemy `sqlalchemy.dialects.postgresql.Insert.on_conflict_do_update`
   */
  onConflictDoUpdate(options: DoUpdateOptions<Row>): Insert<Row, Optional, Returned> {
    const { table } = this.state
    const excluded = new Excluded(table).c as unknown as ColumnsOf<Row, "excluded">
    const values = typeof options.set === "function" ? options.set(excluded) : options.set
    const set = assignmentsOf(table, values as GivenRow, "onConflictDoUpdate({ set })")
    if (set.length === 0)
      throw new ArgumentError({ message: "onConflictDoUpdate() sets nothing; use onConflictDoNothing()" })
    return this.#with({
      conflict: {
        target: conflictTarget(options.target),
        targetWhere: optionalCondition(options.targetWhere, "targetWhere"),
        set,
        where: optionalCondition(options.where, "where"),
      },
    })
  }

  /**
   * Gives the inserted rows back: whole, some columns and named expressions, or an object of them. Rows come in the
   * order of the values.
   *
   * @see SQLAlchemy `Insert.returning`
   */
  returning(): Insert<Row, Optional, Row>
  returning<const C extends readonly [NamedExpression, ...ReadonlyArray<NamedExpression>]>(
    ...columns: C
  ): Insert<Row, Optional, RowOfSelection<SelectionOf<C>, never>>
  returning<const O extends Readonly<Record<string, SelectItem>>>(
    object: O,
  ): Insert<Row, Optional, RowOfSelection<O, never>>
  returning(...args: ReadonlyArray<unknown>): Insert<Row, Optional, unknown> {
    return this.#with({ returning: selectionOf(args.length === 0 ? [this.state.table] : args) }) as Insert<
      Row,
      Optional,
      unknown
    >
  }

  #with(change: Partial<InsertState>): Insert<Row, Optional, Returned> {
    return new Insert({ ...this.state, ...change })
  }
}

/**
 * Inserts rows into a table.
 *
 * @example
 * ```ts
 * import { insert, integer, table, text } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * insert(users).values([{ name: "ann" }, { name: "bo" }]).returning(users.c.id)
 * ```
 * @see SQLAlchemy `sqlalchemy.insert`
 */
export const insert = <Row, Optional extends string>(
  table: Table<Row, Optional, string>,
): Insert<Row, Optional, never> => {
  if (!(table instanceof FromClause) || table.fromKind !== "table") {
    throw new ArgumentError({ message: "insert() takes a table made by table()" })
  }
  return new Insert({ table, rows: undefined, select: undefined, conflict: undefined, returning: undefined })
}
