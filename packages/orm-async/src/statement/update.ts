import { ArgumentError } from "../errors/usage-errors.ts"
import { Compilable } from "../expression/compilable.ts"
import { addConditions } from "../expression/condition.ts"
import { FromClause } from "../expression/from-clause.ts"
import type { ExpressionNode } from "../expression/node.ts"
import type { Condition } from "../expression/operators.ts"
import type { AnyTable, Table } from "../schema/table.ts"
import type { Executable, levelType, rowType } from "./executable.ts"
import { type Assignment, assignmentsOf, type GivenRow, type SetValues } from "./insert.ts"
import {
  type NamedExpression,
  type RowOfSelection,
  type SelectItem,
  type Selection,
  type SelectionOf,
  selectionOf,
} from "./selection.ts"

/** Everything that an UPDATE says. */
export interface UpdateState {
  readonly table: AnyTable
  readonly set: ReadonlyArray<Assignment>
  readonly where: ReadonlyArray<ExpressionNode>
  readonly returning: Selection | undefined
}

/**
 * An UPDATE. Immutable: each method gives a new statement. Without `where` it changes every row.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Update`
 */
export class Update<Row, Returned> extends Compilable implements Executable<Returned, "core"> {
  declare readonly [rowType]: Returned
  declare readonly [levelType]: "core"
  readonly statementKind = "update"
  readonly state: UpdateState

  constructor(state: UpdateState) {
    super()
    this.state = state
  }

  /**
   * New values; calls add up, and a later value for the same column wins.
   *
   * @see SQLAlchemy `Update.values`
   */
  set(values: SetValues<Row>): Update<Row, Returned> {
    const added = assignmentsOf(this.state.table, values as GivenRow, "update().set()")
    const kept = this.state.set.filter((old) => !added.some((assignment) => assignment.column === old.column))
    return new Update({ ...this.state, set: [...kept, ...added] })
  }

  /** Only rows for which all conditions hold; columns of other tables join these (`UPDATE … FROM`). */
  where(...conditions: ReadonlyArray<Condition>): Update<Row, Returned> {
    return new Update({ ...this.state, where: addConditions(this.state.where, conditions, "where()") })
  }

  /** Gives the changed rows back, as they are after the change. */
  returning(): Update<Row, Row>
  returning<const C extends readonly [NamedExpression, ...ReadonlyArray<NamedExpression>]>(
    ...columns: C
  ): Update<Row, RowOfSelection<SelectionOf<C>, never>>
  returning<const O extends Readonly<Record<string, SelectItem>>>(object: O): Update<Row, RowOfSelection<O, never>>
  returning(...args: ReadonlyArray<unknown>): Update<Row, unknown> {
    return new Update({ ...this.state, returning: selectionOf(args.length === 0 ? [this.state.table] : args) })
  }
}

/**
 * Changes rows of a table.
 *
 * @example
 * ```ts
 * import { add, eq, integer, table, update } from "@offloop/orm-async"
 *
 * const counters = table("counters", { id: integer().primaryKey(), n: integer() })
 * update(counters).set({ n: add(counters.c.n, 1) }).where(eq(counters.c.id, 7))
 * ```
 * @see SQLAlchemy `sqlalchemy.update`
 */
export const update = <Row>(table: Table<Row, string, string>): Update<Row, never> => {
  if (!(table instanceof FromClause) || table.fromKind !== "table") {
    throw new ArgumentError({ message: "update() takes a table made by table()" })
  }
  return new Update({ table, set: [], where: [], returning: undefined })
}
