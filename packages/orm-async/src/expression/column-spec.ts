import type { SqlType } from "../types/sql-type.ts"
import type { AnyColumn } from "./column.ts"
import type { ExpressionNode } from "./node.ts"

/** The action of a foreign key when the row it refers to goes or changes its key. */
export type ReferentialAction = "CASCADE" | "SET NULL" | "SET DEFAULT" | "RESTRICT" | "NO ACTION"

/** Options of a foreign key. */
export interface ReferenceOptions {
  readonly onDelete?: ReferentialAction | undefined
  readonly onUpdate?: ReferentialAction | undefined
  /** `DEFERRABLE INITIALLY DEFERRED`: checked at COMMIT. */
  readonly deferred?: boolean | undefined
  /** The constraint's name; made by the naming convention if absent. */
  readonly name?: string | undefined
}

/** A value that this library fills in, not the database. */
export type ClientValue =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "call"; readonly call: () => unknown }
  | { readonly kind: "expression"; readonly node: ExpressionNode }

/** A column as it was declared, free of any table. */
export interface ColumnSpec {
  /** The name in the database; the property's name if undefined. */
  readonly name: string | undefined
  readonly type: SqlType<unknown>
  readonly nullable: boolean
  readonly primaryKey: boolean
  /** `undefined`: where the column can (the only primary key column, an integer, not a reference). */
  readonly autoincrement: boolean | undefined
  /** `true`: named by the naming convention. */
  readonly unique: boolean | string
  readonly index: boolean | string
  readonly default: ClientValue | undefined
  readonly serverDefault: ExpressionNode | undefined
  readonly onUpdate: ClientValue | undefined
  readonly references: { readonly target: () => AnyColumn; readonly options: ReferenceOptions } | undefined
  readonly check: ((column: AnyColumn) => ExpressionNode) | undefined
}
