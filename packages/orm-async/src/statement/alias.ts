import { ArgumentError } from "../errors/usage-errors.ts"
import { type AnyColumn, Column } from "../expression/column.ts"
import { type ColumnsOf, FromClause } from "../expression/from-clause.ts"
import { type BindNode, nameShape, none } from "../expression/node.ts"
import type { AnyTable, Table } from "../schema/table.ts"

/**
 * A table under another name, so that it can occur twice in a query.
 *
 * @see SQLAlchemy `sqlalchemy.sql.expression.Alias`
 */
export class Alias<out Row = unknown, out Name extends string = string> extends FromClause<Row, Name> {
  readonly fromKind = "alias"
  readonly of: AnyTable
  readonly columns: ReadonlyArray<AnyColumn>
  readonly c: ColumnsOf<Row, Name>
  readonly shape: string
  readonly binds: ReadonlyArray<BindNode> = none

  constructor(name: Name, of: AnyTable) {
    const shape = `a${nameShape(name)}${of.shape}`
    super(name, shape)
    this.shape = shape
    this.of = of
    this.columns = of.columns.map(({ key, name, type, spec }) => new Column(this, key, name, type, spec))
    this.c = Object.freeze(
      Object.fromEntries(this.columns.map((column) => [column.key, column])),
    ) as unknown as ColumnsOf<Row, Name>
  }
}

/**
 * A table under another name.
 *
 * @example
 * ```ts
 * import { alias, eq, integer, select, table, text } from "@offloop/orm-async"
 *
 * const people = table("people", { id: integer().primaryKey(), name: text(), bossId: integer().nullable() })
 * const boss = alias(people, "boss")
 * select(people.c.name, boss.c.name.as("boss")).leftJoin(boss, eq(boss.c.id, people.c.bossId))
 * ```
 * @see SQLAlchemy `sqlalchemy.alias`
 */
export const alias = <Row, const Name extends string>(
  table: Table<Row, string, string>,
  name: Name,
): Alias<Row, Name> => {
  if (name === "") throw new ArgumentError({ message: `An alias of ${table.name} needs a name; got an empty string` })
  return new Alias(name, table)
}
