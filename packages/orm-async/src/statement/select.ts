import { ArgumentError } from "../errors/usage-errors.ts"
import { addConditions, conditionNode } from "../expression/condition.ts"
import { type Expression, labelNode } from "../expression/expression.ts"
import type { FromClause } from "../expression/from-clause.ts"
import { type BindNode, bindsOf, type ExpressionNode, type NodeBase, none, shapesOf } from "../expression/node.ts"
import type { Condition } from "../expression/operators.ts"
import { type AnySelectable, type NameOfSelectable, selectable } from "../expression/selectable.ts"
import { ShapeTable } from "../expression/shape-table.ts"
import type { StatementLevel } from "./executable.ts"
import { noRange, Query, type QueryRange, rangeNodes, rangeShape } from "./query.ts"
import {
  isSelectable,
  type LevelOfSelection,
  type NamedExpression,
  type RowOfSelection,
  type SelectItem,
  type Selection,
  type SelectionOf,
  selectionOf,
} from "./selection.ts"

/** A join of a SELECT. */
export interface Join {
  readonly target: FromClause
  /** Undefined: by the one foreign key between the target and what is already there. */
  readonly on: ExpressionNode | undefined
  readonly outer: boolean
}

/**
 * Locks rows until the transaction ends. PostgreSQL locks the rows; SQLite has one lock for the whole
 * database, and the transaction takes it from the start.
 */
export interface ForUpdateOptions {
  /** Fails at once if a row is locked. */
  readonly nowait?: boolean | undefined
  /** Leaves locked rows out. */
  readonly skipLocked?: boolean | undefined
  /** `FOR SHARE`: others may read and share, but not change. */
  readonly read?: boolean | undefined
  /** Locks rows of these tables only. */
  readonly of?: ReadonlyArray<AnySelectable> | undefined
}

export interface ForUpdate {
  readonly nowait: boolean
  readonly skipLocked: boolean
  readonly read: boolean
  readonly of: ReadonlyArray<FromClause>
}

/** Everything that a SELECT says. */
export interface SelectState {
  readonly selection: Selection
  readonly from: ReadonlyArray<FromClause>
  readonly joins: ReadonlyArray<Join>
  readonly where: ReadonlyArray<ExpressionNode>
  readonly groupBy: ReadonlyArray<ExpressionNode>
  readonly having: ReadonlyArray<ExpressionNode>
  /** `true`: DISTINCT; expressions: DISTINCT ON. */
  readonly distinct: boolean | ReadonlyArray<ExpressionNode>
  readonly forUpdate: ForUpdate | undefined
  readonly range: QueryRange
}

const sourceOf = (what: string, source: AnySelectable): FromClause => {
  if (isSelectable(source)) return source[selectable].from
  throw new ArgumentError({
    message: `${what} takes a table, alias, subquery, CTE or entity class; got ${typeof source}`,
  })
}

/**
 * A SELECT. Immutable: each method gives a new statement. Does no I/O and compiles when it is executed.
 *
 * `S` is what is selected, `Outer` the names of the tables that an outer join may leave without a row.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Select`
 */
export class Select<S, Outer extends string, Level extends StatementLevel> extends Query<
  RowOfSelection<S, Outer>,
  Level
> {
  readonly statementKind = "select"
  readonly state: SelectState
  #nodesOnce: ReadonlyArray<NodeBase> | undefined
  #compositesOnce: ReadonlyArray<FromClause> | undefined

  constructor(state: SelectState) {
    super()
    this.state = state
  }

  get selection(): Selection {
    return this.state.selection
  }

  get range(): QueryRange {
    return this.state.range
  }

  /**
   * Names the sources where the selected columns do not.
   *
   * @see SQLAlchemy `Select.select_from`
   */
  from(...sources: ReadonlyArray<AnySelectable>): Select<S, Outer, Level> {
    return this.#with({ from: [...this.state.from, ...sources.map((source) => sourceOf("from()", source))] })
  }

  /**
   * Only rows for which all conditions hold; calls add up.
   *
   * @see SQLAlchemy `Select.where`
   */
  where(...conditions: ReadonlyArray<Condition>): Select<S, Outer, Level> {
    return new Select({ ...this.state, where: addConditions(this.state.where, conditions, "where()") })
  }

  /**
   * Rows combined with those of another source. Without a condition the only foreign key between them is used.
   *
   * @see SQLAlchemy `Select.join`
   */
  join(target: AnySelectable, on?: Condition): Select<S, Outer, Level> {
    return new Select(this.#joined(target, on, false))
  }

  /**
   * As {@link join}, and also rows that have none in the target: there its columns are null, and the row type says so.
   *
   * @see SQLAlchemy `Select.outerjoin`
   */
  leftJoin<T extends AnySelectable>(target: T, on?: Condition): Select<S, Outer | NameOfSelectable<T>, Level> {
    return new Select(this.#joined(target, on, true))
  }

  /** SQLAlchemy's name for {@link leftJoin}. */
  outerJoin<T extends AnySelectable>(target: T, on?: Condition): Select<S, Outer | NameOfSelectable<T>, Level> {
    return new Select(this.#joined(target, on, true))
  }

  /**
   * One row for each group of equal values.
   *
   * @see SQLAlchemy `Select.group_by`
   */
  groupBy(...expressions: ReadonlyArray<Expression<unknown, string>>): Select<S, Outer, Level> {
    const nodes = expressions.map(({ node }) => this.#grouping(node))
    return this.#with({ groupBy: [...this.state.groupBy, ...nodes] })
  }

  /**
   * Only groups for which all conditions hold.
   *
   * @see SQLAlchemy `Select.having`
   */
  having(...conditions: ReadonlyArray<Condition>): Select<S, Outer, Level> {
    return this.#with({ having: addConditions(this.state.having, conditions, "having()") })
  }

  /**
   * Equal rows once. With expressions, the first row of each group (`DISTINCT ON`, PostgreSQL only).
   *
   * @see SQLAlchemy `Select.distinct`
   */
  distinct(...on: ReadonlyArray<Expression<unknown, string>>): Select<S, Outer, Level> {
    return this.#with({ distinct: on.length === 0 ? true : on.map((expression) => expression.node) })
  }

  /**
   * Locks the rows until the transaction ends.
   *
   * @see SQLAlchemy `GenerativeSelect.with_for_update`
   */
  withForUpdate(options: ForUpdateOptions = {}): Select<S, Outer, Level> {
    const { nowait = false, skipLocked = false, read = false, of = [] } = options
    if (nowait && skipLocked) {
      throw new ArgumentError({
        message: "withForUpdate() takes nowait or skipLocked, not both: one fails, the other goes on",
      })
    }
    const forUpdate = { nowait, skipLocked, read, of: of.map((source) => sourceOf("withForUpdate({ of })", source)) }
    return this.#with({ forUpdate })
  }

  #joined(target: AnySelectable, on: Condition | undefined, outer: boolean): SelectState {
    const node = on === undefined ? undefined : conditionNode(on, "join()")
    const join = { target: sourceOf("join()", target), on: node, outer }
    return { ...this.state, joins: [...this.state.joins, join] }
  }

  #with(change: Partial<SelectState>): Select<S, Outer, Level> {
    return new Select({ ...this.state, ...change })
  }

  /** An expression with values that is selected is meant by its name: written again it would be another one. */
  #grouping(node: ExpressionNode): ExpressionNode {
    if (node.binds.length === 0 || node.kind === "label") return node
    for (const item of this.state.selection.items) {
      if (item.kind === "expression" && item.node === node) return labelNode(item.key, node)
    }
    return node
  }

  protected override withRange(range: QueryRange): this {
    return this.#with({ range }) as this
  }

  /** Every node, sources too, in the order in which their values count. */
  #allNodes(): ReadonlyArray<NodeBase> {
    const { selection, joins, where, groupBy, having, distinct, range } = this.state
    const nodes: Array<NodeBase> = []
    for (const item of selection.items) nodes.push(item.kind === "expression" ? item.node : item.from.asNode)
    for (const join of joins) {
      nodes.push(join.target.asNode)
      if (join.on !== undefined) nodes.push(join.on)
    }
    addAll(nodes, where)
    addAll(nodes, groupBy)
    addAll(nodes, having)
    if (typeof distinct !== "boolean") addAll(nodes, distinct)
    addAll(nodes, rangeNodes(range))
    return nodes
  }

  /** Subqueries and CTEs that the statement draws from. Tables have no values and are named by their columns. */
  #allComposites(): ReadonlyArray<FromClause> {
    let found = addComposites(none, this.state.from)
    for (const { sources } of this.#nodes) found = addComposites(found, sources)
    return found
  }

  get #nodes(): ReadonlyArray<NodeBase> {
    this.#nodesOnce ??= this.#allNodes()
    return this.#nodesOnce
  }

  get #composites(): ReadonlyArray<FromClause> {
    this.#compositesOnce ??= this.#allComposites()
    return this.#compositesOnce
  }

  protected override makeShape(): string {
    const { selection, from, joins, where, groupBy, having, distinct, forUpdate, range } = this.state
    let shape = selection.shape
    for (const source of this.#composites) shape += `|${source.shape}`
    if (from.length > 0) shape += `|from ${from.map((source) => source.columnPrefix).join()}`
    for (const join of joins) {
      shape += `|${join.outer ? "left" : "join"} ${join.target.columnPrefix} ${join.on?.shape ?? "auto"}`
    }
    if (where.length > 0) shape = shapesWithWhere.of(shape, shapesOf(where))
    if (groupBy.length > 0) shape += `|group ${shapesOf(groupBy)}`
    if (having.length > 0) shape += `|having ${shapesOf(having)}`
    if (distinct !== false) shape += `|distinct ${distinct === true ? "" : shapesOf(distinct)}`
    if (forUpdate !== undefined) {
      const { nowait, skipLocked, read, of } = forUpdate
      shape += `|lock ${nowait} ${skipLocked} ${read} ${of.map((source) => source.columnPrefix).join()}`
    }
    return shape + rangeShape(range)
  }

  protected override makeBinds(): ReadonlyArray<BindNode> {
    return bindsOf(this.#composites.length === 0 ? this.#nodes : [...this.#composites, ...this.#nodes])
  }
}

const nothingSelected: Omit<SelectState, "selection"> = {
  from: none,
  joins: none,
  where: none,
  groupBy: none,
  having: none,
  distinct: false,
  forUpdate: undefined,
  range: noRange,
}

const addAll = (to: Array<NodeBase>, nodes: ReadonlyArray<NodeBase>): void => {
  for (let i = 0; i < nodes.length; i++) to.push(nodes[i]!)
}

const shapesWithWhere = new ShapeTable((shape, where) => `${shape}|where ${where}`)

const isComposite = (source: FromClause): boolean => source.fromKind === "subquery" || source.fromKind === "cte"

const addComposites = (
  found: ReadonlyArray<FromClause>,
  sources: ReadonlyArray<FromClause>,
): ReadonlyArray<FromClause> => {
  let all = found
  for (const source of sources) if (isComposite(source) && !all.includes(source)) all = [...all, source]
  return all
}

/**
 * Selects rows: of one table, alias, subquery or entity class; some columns and named expressions; or an object of
 * them, in which a table becomes a nested object.
 *
 * @example
 * ```ts
 * import { count, desc, eq, integer, select, table, text } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * const posts = table("posts", { id: integer().primaryKey(), userId: integer().references(() => users.c.id) })
 *
 * select(users).where(eq(users.c.name, "ann"))
 * select(users.c.name, count(posts.c.id).as("posts")).leftJoin(posts).groupBy(users.c.name).orderBy(desc("posts"))
 * select({ user: users, post: posts }).leftJoin(posts)
 * ```
 * @see SQLAlchemy `sqlalchemy.select`
 */
export function select<S extends AnySelectable>(source: S): Select<S, never, LevelOfSelection<S>>
export function select<const C extends readonly [NamedExpression, ...ReadonlyArray<NamedExpression>]>(
  ...columns: C
): Select<SelectionOf<C>, never, "core">
export function select<const O extends Readonly<Record<string, SelectItem>>>(
  object: O,
): Select<O, never, LevelOfSelection<O>>
export function select(...args: ReadonlyArray<unknown>): Query<unknown, StatementLevel> {
  return new Select({ ...nothingSelected, selection: selectionOf(args) })
}
