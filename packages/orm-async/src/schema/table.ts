import { ArgumentError } from "../errors/usage-errors.ts"
import { type AnyColumn, Column } from "../expression/column.ts"
import type { ReferenceOptions } from "../expression/column-spec.ts"
import { type ColumnsOf, FromClause } from "../expression/from-clause.ts"
import type { BindNode, ExpressionNode } from "../expression/node.ts"
import { none } from "../expression/node.ts"
import type { valueType } from "../types/sql-type.ts"
import type { ColumnBuilder, keyType, optionalType } from "./column-builder.ts"
import type { KeysOfConstraint, TableConstraint } from "./constraint.ts"
import { defaultNamingConvention, type NamingConvention } from "./naming-convention.ts"

/** A foreign key of a table, resolved. */
export interface ForeignKey {
  readonly name: string
  readonly columns: ReadonlyArray<AnyColumn>
  readonly targets: ReadonlyArray<AnyColumn>
  readonly target: AnyTable
  readonly options: ReferenceOptions
}

/** A UNIQUE or PRIMARY KEY constraint of a table. */
export interface KeyConstraint {
  readonly name: string
  readonly columns: ReadonlyArray<AnyColumn>
}

/** A CHECK constraint of a table. */
export interface CheckConstraint {
  readonly name: string
  readonly condition: ExpressionNode
}

/** An index of a table. */
export interface Index {
  readonly name: string
  readonly table: AnyTable
  readonly parts: ReadonlyArray<ExpressionNode>
  readonly unique: boolean
  readonly where: ExpressionNode | undefined
}

/** Options of a {@link table}. */
export interface TableOptions {
  /** The schema that qualifies the name; on SQLite the name of an attached database. */
  readonly schema?: string | undefined
  readonly namingConvention?: NamingConvention | undefined
}

/** The keys that an INSERT may leave out; exists for the compiler only. */
export declare const optionalKeys: unique symbol

/** The keys of the primary key's columns; exists for the compiler only. */
export declare const primaryKeys: unique symbol

let tables = 0

/**
 * A table: its name, columns and constraints. Made by {@link table}; it holds no connection and belongs to no engine.
 *
 * @see SQLAlchemy `sqlalchemy.schema.Table`
 */
export class Table<
  out Row,
  out Optional extends string = string,
  out Name extends string = string,
  out Key extends string = string,
> extends FromClause<Row, Name> {
  declare readonly [optionalKeys]: Optional
  declare readonly [primaryKeys]: Key
  readonly fromKind = "table"
  readonly schema: string | undefined
  readonly c: ColumnsOf<Row, Name>
  readonly columns: ReadonlyArray<AnyColumn>
  readonly primaryKey: KeyConstraint
  readonly uniques: ReadonlyArray<KeyConstraint>
  readonly checks: ReadonlyArray<CheckConstraint>
  readonly indexes: ReadonlyArray<Index>
  /** The primary key column that counts up by itself, if there is one. */
  readonly autoincrementColumn: AnyColumn | undefined
  readonly shape: string
  readonly binds: ReadonlyArray<BindNode> = none
  readonly namingConvention: NamingConvention
  readonly #constraints: ReadonlyArray<TableConstraint>
  #foreignKeys: ReadonlyArray<ForeignKey> | undefined

  constructor(
    name: Name,
    builders: Readonly<Record<string, ColumnBuilder<unknown, boolean, boolean, boolean>>>,
    constraintsOf: ((columns: ColumnsOf<Row, Name>) => ReadonlyArray<TableConstraint>) | undefined,
    options: TableOptions,
  ) {
    const shape = `t${++tables}`
    super(name, shape)
    this.shape = shape
    this.schema = options.schema
    this.namingConvention = options.namingConvention ?? defaultNamingConvention
    const columns: Array<AnyColumn> = []
    for (const [key, builder] of Object.entries(builders)) {
      columns.push(new Column(this, key, builder.spec.name ?? key, builder.spec.type, builder.spec))
    }
    this.columns = columns
    this.c = Object.freeze(Object.fromEntries(columns.map((column) => [column.key, column]))) as unknown as ColumnsOf<
      Row,
      Name
    >
    this.#requireDistinctNames()
    this.#constraints = constraintsOf?.(this.c) ?? []
    this.#requireOwnColumns()
    this.primaryKey = this.#makePrimaryKey()
    this.autoincrementColumn = this.#findAutoincrement()
    this.uniques = this.#makeUniques()
    this.checks = this.#makeChecks()
    this.indexes = this.#makeIndexes()
  }

  /** `schema.table` or `table`. */
  get fullName(): string {
    return this.schema === undefined ? this.name : `${this.schema}.${this.name}`
  }

  /** The foreign keys; resolved when first asked for, because tables may refer to each other. */
  get foreignKeys(): ReadonlyArray<ForeignKey> {
    this.#foreignKeys ??= this.#resolveForeignKeys()
    return this.#foreignKeys
  }

  #requireDistinctNames(): void {
    const seen = new Set<string>()
    for (const column of this.columns) {
      if (column.name === "")
        throw new ArgumentError({ message: `Column ${this.name}.${column.key} has an empty name` })
      if (seen.has(column.name)) {
        throw new ArgumentError({ message: `Table ${this.name} has two columns named "${column.name}"` })
      }
      seen.add(column.name)
    }
  }

  #requireOwnColumns(): void {
    for (const constraint of this.#constraints) {
      const columns = constraint.kind === "check" || constraint.kind === "index" ? [] : constraint.columns
      for (const column of columns) {
        if (column.from === this) continue
        throw new ArgumentError({
          message: `${constraint.kind}() of table ${this.name} names ${column.from.name}.${column.key}, a column of another table`,
        })
      }
    }
  }

  #makePrimaryKey(): KeyConstraint {
    const declared = this.#constraints.filter((constraint) => constraint.kind === "primaryKey")
    const marked = this.columns.filter((column) => column.spec?.primaryKey === true)
    if (declared.length > 1 || (declared.length === 1 && marked.length > 0)) {
      throw new ArgumentError({
        message: `Table ${this.name} declares its primary key twice. Mark columns with .primaryKey() or name them all in one primaryKey(...)`,
      })
    }
    const columns = declared[0]?.columns ?? marked
    for (const column of columns) {
      if (column.spec?.nullable === true) {
        throw new ArgumentError({
          message: `${this.name}.${column.key} is part of the primary key and cannot be nullable`,
        })
      }
    }
    return { name: declared[0]?.name ?? this.namingConvention.primaryKey(this.name), columns }
  }

  #findAutoincrement(): AnyColumn | undefined {
    const [only, ...others] = this.primaryKey.columns
    const wanted = this.primaryKey.columns.find((column) => column.spec?.autoincrement === true)
    const isInteger = only !== undefined && ["integer", "smallint", "bigint"].includes(only.type.kind)
    const can = isInteger && others.length === 0 && only.spec?.references === undefined
    if (wanted !== undefined && !can) {
      throw new ArgumentError({
        message: `${this.name}.${wanted.key} cannot autoincrement: that takes an integer column that is the whole primary key and no foreign key`,
      })
    }
    const spec = only?.spec
    const filled = spec?.default !== undefined || spec?.serverDefault !== undefined
    return can && spec?.autoincrement !== false && !filled ? only : undefined
  }

  #makeUniques(): ReadonlyArray<KeyConstraint> {
    const names = (columns: ReadonlyArray<AnyColumn>) => columns.map((column) => column.name)
    const uniques: Array<KeyConstraint> = []
    for (const column of this.columns) {
      const unique = column.spec?.unique ?? false
      if (unique === false) continue
      uniques.push({
        name: unique === true ? this.namingConvention.unique(this.name, [column.name]) : unique,
        columns: [column],
      })
    }
    for (const constraint of this.#constraints) {
      if (constraint.kind !== "unique") continue
      const { columns } = constraint
      uniques.push({ name: constraint.name ?? this.namingConvention.unique(this.name, names(columns)), columns })
    }
    return uniques
  }

  #makeChecks(): ReadonlyArray<CheckConstraint> {
    const checks: Array<CheckConstraint> = []
    for (const column of this.columns) {
      const condition = column.spec?.check?.(column)
      if (condition !== undefined) checks.push({ name: this.namingConvention.check(this.name, column.name), condition })
    }
    for (const constraint of this.#constraints) {
      if (constraint.kind !== "check") continue
      checks.push({
        name: this.namingConvention.check(this.name, constraint.name ?? ""),
        condition: constraint.condition,
      })
    }
    return checks
  }

  #makeIndexes(): ReadonlyArray<Index> {
    const indexes: Array<Index> = []
    for (const column of this.columns) {
      const index = column.spec?.index ?? false
      if (index === false) continue
      const name = index === true ? this.namingConvention.index(this.name, [column.name]) : index
      indexes.push({ name, table: this, parts: [column.node], unique: false, where: undefined })
    }
    for (const constraint of this.#constraints) {
      if (constraint.kind !== "index") continue
      indexes.push({
        name:
          constraint.name ??
          this.namingConvention.index(
            this.name,
            constraint.parts.map((part) => this.#partName(part.node)),
          ),
        table: this,
        parts: constraint.parts.map((part) => part.node),
        unique: constraint.unique,
        where: constraint.where,
      })
    }
    return indexes
  }

  #partName(part: ExpressionNode): string {
    if (part.kind === "column") return part.column.name
    if (part.kind === "order") return this.#partName(part.operand)
    throw new ArgumentError({
      message: `An index of table ${this.name} has an expression in it and needs a name: index([...], { name: "ix_..." })`,
    })
  }

  #resolveForeignKeys(): ReadonlyArray<ForeignKey> {
    const keys: Array<ForeignKey> = []
    for (const column of this.columns) {
      const references = column.spec?.references
      if (references !== undefined) keys.push(this.#foreignKey([column], [references.target()], references.options))
    }
    for (const constraint of this.#constraints) {
      if (constraint.kind !== "foreignKey") continue
      keys.push(this.#foreignKey(constraint.columns, constraint.target(), constraint.options))
    }
    return keys
  }

  #foreignKey(
    columns: ReadonlyArray<AnyColumn>,
    targets: ReadonlyArray<AnyColumn>,
    options: ReferenceOptions,
  ): ForeignKey {
    const names = columns.map((column) => column.name)
    const where = `The foreign key of ${this.name} (${names.join(", ")})`
    const target = targets[0]?.from
    if (!(target instanceof Table) || targets.some((column) => column.from !== target)) {
      throw new ArgumentError({ message: `${where} must refer to columns of one table` })
    }
    if (targets.length !== columns.length) {
      throw new ArgumentError({ message: `${where} has ${columns.length} columns but refers to ${targets.length}` })
    }
    const name = options.name ?? this.namingConvention.foreignKey(this.name, names, target.name)
    return { name, columns, targets, target, options }
  }
}

/** Any table. */
export type AnyTable = Table<unknown, string, string>

/** The columns of a table as they are declared. */
export type ColumnBuilders = Readonly<Record<string, ColumnBuilder<unknown, boolean, boolean, boolean>>>

/** The row type of declared columns. */
export type RowOfBuilders<B extends ColumnBuilders> = { [K in keyof B]: B[K][typeof valueType] }

/** The keys of the primary key's columns: those of declared columns, and of a constraint over several. */
export type KeysOfBuilders<B extends ColumnBuilders, C extends ReadonlyArray<TableConstraint>> =
  | { [K in keyof B & string]: true extends B[K][typeof keyType] ? K : never }[keyof B & string]
  | KeysOfConstraint<C[number]>

/** The keys of declared columns that an INSERT may leave out. */
export type OptionalOfBuilders<B extends ColumnBuilders> = {
  [K in keyof B & string]: true extends B[K][typeof optionalType] ? K : never
}[keyof B & string]

/**
 * Declares a table. Does no I/O: `createAll` makes it in a database.
 *
 * @example
 * ```ts
 * import { index, integer, table, text, timestamp } from "@offloop/orm-async"
 *
 * const users = table(
 *   "users",
 *   {
 *     id: integer().primaryKey(),
 *     email: text().unique(),
 *     name: text(),
 *     joinedAt: timestamp("joined_at").defaultNow(),
 *   },
 *   (t) => [index([t.name, t.joinedAt])],
 * )
 * ```
 * @param name the table's name in the database
 * @param columns the columns by the names that rows have in JavaScript
 * @param constraints what concerns several columns: `primaryKey`, `unique`, `index`, `check`, `foreignKey`
 * @see SQLAlchemy `sqlalchemy.schema.Table`
 */
export const table = <
  const Name extends string,
  B extends ColumnBuilders,
  const C extends ReadonlyArray<TableConstraint> = readonly [],
>(
  name: Name,
  columns: B,
  constraints?: (columns: ColumnsOf<RowOfBuilders<B>, Name>) => C,
  options: TableOptions = {},
): Table<RowOfBuilders<B>, OptionalOfBuilders<B>, Name, KeysOfBuilders<B, C>> => {
  if (name === "") throw new ArgumentError({ message: "A table needs a name; got an empty string" })
  if (Object.keys(columns).length === 0) throw new ArgumentError({ message: `Table ${name} has no columns` })
  return new Table(name, columns, constraints, options)
}
