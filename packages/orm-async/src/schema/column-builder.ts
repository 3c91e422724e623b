import type { AnyColumn, Column } from "../expression/column.ts"
import type { ClientValue, ColumnSpec, ReferenceOptions } from "../expression/column-spec.ts"
import { conditionNode } from "../expression/condition.ts"
import { Expression } from "../expression/expression.ts"
import { literalNode } from "../expression/literal.ts"
import { none } from "../expression/node.ts"
import type { SqlType, valueType } from "../types/sql-type.ts"

/** True where an INSERT may leave the column out; exists for the compiler only. */
export declare const optionalType: unique symbol

/** True where the column counts up by itself as the only primary key column; exists for the compiler only. */
export declare const countsType: unique symbol

/** True where the column is part of the primary key; exists for the compiler only. */
export declare const keyType: unique symbol

const clientValue = (given: unknown): ClientValue => {
  if (given instanceof Expression) return { kind: "expression", node: given.node }
  if (typeof given === "function") return { kind: "call", call: given as () => unknown }
  return { kind: "value", value: given }
}

/**
 * A column's declaration: `text().nullable().unique()`. Immutable: each method gives a new declaration, so one may be
 * kept and used for several tables.
 *
 * A column is NOT NULL unless `nullable()` says otherwise.
 *
 * @see SQLAlchemy `sqlalchemy.schema.Column`
 */
export class ColumnBuilder<
  out A,
  out Optional extends boolean = false,
  out Counts extends boolean = false,
  out Key extends boolean = false,
> {
  declare readonly [valueType]: A
  declare readonly [optionalType]: Optional
  declare readonly [countsType]: Counts
  declare readonly [keyType]: Key
  readonly spec: ColumnSpec

  constructor(spec: ColumnSpec) {
    this.spec = spec
  }

  /** Allows NULL; an INSERT may leave the column out. */
  nullable(): ColumnBuilder<A | null, true, Counts, Key> {
    return new ColumnBuilder({ ...this.spec, nullable: true })
  }

  /**
   * Makes the column part of the primary key; several columns that say so form a composite key. An integer column that
   * is the whole key and refers to no other table counts up by itself, so that an INSERT may leave it out;
   * `{ autoincrement: false }` asks for the value each time.
   */
  primaryKey(options: { readonly autoincrement: false }): ColumnBuilder<A, Optional, false, true>
  primaryKey(options?: { readonly autoincrement?: boolean }): ColumnBuilder<A, Optional | Counts, Counts, true>
  primaryKey(options: { readonly autoincrement?: boolean } = {}): ColumnBuilder<A, boolean, boolean, true> {
    return new ColumnBuilder({ ...this.spec, primaryKey: true, autoincrement: options.autoincrement })
  }

  /** Adds a UNIQUE constraint; for one over several columns see the function `unique`. */
  unique(name?: string): ColumnBuilder<A, Optional, Counts, Key> {
    return new ColumnBuilder({ ...this.spec, unique: name ?? true })
  }

  /** Adds an index; for one over several columns see the function `index`. */
  index(name?: string): ColumnBuilder<A, Optional, Counts, Key> {
    return new ColumnBuilder({ ...this.spec, index: name ?? true })
  }

  /**
   * Fills the column in where an INSERT leaves it out: with a value, with what a function gives (called once for each
   * row), or with an SQL expression. It is filled in by this library; see {@link serverDefault} for the database's own.
   */
  default(value: A | (() => A) | Expression<A, string>): ColumnBuilder<A, true, Counts, Key> {
    return new ColumnBuilder({ ...this.spec, default: clientValue(value) })
  }

  /** The database fills in the moment of the statement, in UTC. */
  defaultNow(this: ColumnBuilder<Date | null, boolean, boolean, boolean>): ColumnBuilder<A, true, Counts, Key> {
    const now = { kind: "now", shape: "now", binds: none, sources: none } as const
    return new ColumnBuilder({ ...this.spec, serverDefault: now })
  }

  /** `DEFAULT` in the table's definition: a plain value, or an expression for SQL. */
  serverDefault(value: A | Expression<A, string>): ColumnBuilder<A, true, Counts, Key> {
    const node = value instanceof Expression ? value.node : literalNode(value, this.spec.type)
    return new ColumnBuilder({ ...this.spec, serverDefault: node })
  }

  /** Sets the column in every UPDATE that does not set it itself. */
  onUpdate(value: (() => A) | Expression<A, string>): ColumnBuilder<A, Optional, Counts, Key> {
    return new ColumnBuilder({ ...this.spec, onUpdate: clientValue(value) })
  }

  /**
   * Adds a foreign key. The target is a function because tables may refer to each other; where TypeScript then sees a
   * circle (a table that refers to itself), annotate it: `(): AnyColumn => employees.c.id`.
   */
  references(target: () => AnyColumn, options: ReferenceOptions = {}): ColumnBuilder<A, Optional, false, Key> {
    return new ColumnBuilder({ ...this.spec, references: { target, options } })
  }

  /** Adds a CHECK constraint on this column. */
  check(
    condition: (column: Column<A, string, string>) => Expression<boolean | null, string>,
  ): ColumnBuilder<A, Optional, Counts, Key> {
    const check = (column: AnyColumn) => conditionNode(condition(column as Column<A, string, string>), "check()")
    return new ColumnBuilder({ ...this.spec, check })
  }
}

/** The declaration of a plain column of a type. */
export const specOf = (name: string | undefined, type: SqlType<unknown>): ColumnSpec => ({
  name,
  type,
  nullable: false,
  primaryKey: false,
  autoincrement: undefined,
  unique: false,
  index: false,
  default: undefined,
  serverDefault: undefined,
  onUpdate: undefined,
  references: undefined,
  check: undefined,
})
