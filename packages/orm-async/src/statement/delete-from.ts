import { ArgumentError } from "../errors/usage-errors.ts"
import { Compilable } from "../expression/compilable.ts"
import { addConditions } from "../expression/condition.ts"
import { FromClause } from "../expression/from-clause.ts"
import type { ExpressionNode } from "../expression/node.ts"
import type { Condition } from "../expression/operators.ts"
import type { AnyTable, Table } from "../schema/table.ts"
import type { Executable, levelType, rowType } from "./executable.ts"
import {
  type NamedExpression,
  type RowOfSelection,
  type SelectItem,
  type Selection,
  type SelectionOf,
  selectionOf,
} from "./selection.ts"

/** Everything that a DELETE says. */
export interface DeleteState {
  readonly table: AnyTable
  readonly where: ReadonlyArray<ExpressionNode>
  readonly returning: Selection | undefined
}

/**
 * A DELETE. Immutable: each method gives a new statement. Without `where` it deletes every row.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Delete`
 */
export class Delete<Row, Returned> extends Compilable implements Executable<Returned, "core"> {
  declare readonly [rowType]: Returned
  declare readonly [levelType]: "core"
  readonly statementKind = "delete"
  readonly state: DeleteState

  constructor(state: DeleteState) {
    super()
    this.state = state
  }

  /** Only rows for which all conditions hold; columns of other tables join these (`DELETE … USING`, PostgreSQL). */
  where(...conditions: ReadonlyArray<Condition>): Delete<Row, Returned> {
    return new Delete({ ...this.state, where: addConditions(this.state.where, conditions, "where()") })
  }

  /** Gives the deleted rows back. */
  returning(): Delete<Row, Row>
  returning<const C extends readonly [NamedExpression, ...ReadonlyArray<NamedExpression>]>(
    ...columns: C
  ): Delete<Row, RowOfSelection<SelectionOf<C>, never>>
  returning<const O extends Readonly<Record<string, SelectItem>>>(object: O): Delete<Row, RowOfSelection<O, never>>
  returning(...args: ReadonlyArray<unknown>): Delete<Row, unknown> {
    return new Delete({ ...this.state, returning: selectionOf(args.length === 0 ? [this.state.table] : args) })
  }
}

/**
 * Deletes rows of a table. SQLAlchemy's name, `delete`, cannot be imported in JavaScript: it is a reserved word.
 *
 * @example
 * ```ts
 * import { deleteFrom, eq, integer, table } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey() })
 * deleteFrom(users).where(eq(users.c.id, 7))
 * ```
 * @see SQLAlchemy `sqlalchemy.delete`
 */
export const deleteFrom = <Row>(table: Table<Row, string, string>): Delete<Row, never> => {
  if (!(table instanceof FromClause) || table.fromKind !== "table") {
    throw new ArgumentError({ message: "deleteFrom() takes a table made by table()" })
  }
  return new Delete({ table, where: [], returning: undefined })
}
