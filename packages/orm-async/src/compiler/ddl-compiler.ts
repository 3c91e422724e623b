import type { Dialect } from "../dialect/dialect.ts"
import { ValueProblem } from "../dialect/value-problem.ts"
import { CompileError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import type { ExpressionNode } from "../expression/node.ts"
import type { AnyTable, ForeignKey, Index } from "../schema/table.ts"
import type { DdlOperation } from "../statement/ddl.ts"
import { qualifier, writeExpression } from "./expression-compiler.ts"
import { fittingName } from "./identifier-length.ts"
import { rootScope, type Scope } from "./scope.ts"
import { writeQuery } from "./select-compiler.ts"
import { StatementWriter } from "./statement-writer.ts"

const bare: Scope = { ...rootScope, columns: "bare" }

const text = (dialect: Dialect, node: ExpressionNode): string => {
  if (node.binds.some((bind) => bind.name !== undefined)) {
    throw new CompileError({
      message: "DDL takes no parameters: a bindparam() cannot be part of a default, check or index",
    })
  }
  const writer = new StatementWriter(dialect, "literal", writeQuery)
  try {
    writeExpression(writer, node, bare)
  } catch (thrown) {
    if (!(thrown instanceof ValueProblem)) throw thrown
    throw new CompileError({ message: `A value in a default, check or index is wrong: ${thrown.message}` })
  }
  return writer.pieces.join("")
}

/** A default is a literal, or an expression in parentheses, as SQLite needs it. */
const defaultText = (dialect: Dialect, node: ExpressionNode): string => {
  const sql = text(dialect, node)
  return node.kind === "bind" || node.kind === "constant" ? sql.trimStart() : `(${sql})`
}

const columnText = (dialect: Dialect, table: AnyTable, column: AnyColumn): string => {
  const counts = column === table.autoincrementColumn
  const { spec } = column
  const type = (counts ? dialect.autoincrement.type : undefined) ?? dialect.type(column.type).ddl
  let sql = `${dialect.quoteIdentifier(column.name)} ${type}`
  if (counts) sql += dialect.autoincrement.suffix
  if (spec?.serverDefault !== undefined) sql += ` DEFAULT ${defaultText(dialect, spec.serverDefault)}`
  return spec?.nullable === true ? sql : `${sql} NOT NULL`
}

const names = (dialect: Dialect, columns: ReadonlyArray<AnyColumn>): string =>
  columns.map((column) => dialect.quoteIdentifier(column.name)).join(", ")

const constraint = (dialect: Dialect, name: string, rest: string): string =>
  `CONSTRAINT ${dialect.quoteIdentifier(fittingName(name, dialect))} ${rest}`

const foreignKeyText = (dialect: Dialect, writer: StatementWriter, key: ForeignKey): string => {
  const { onDelete, onUpdate, deferred } = key.options
  const target = `${qualifier(writer, key.target)} (${names(dialect, key.targets)})`
  let sql = `FOREIGN KEY (${names(dialect, key.columns)}) REFERENCES ${target}`
  if (onDelete !== undefined) sql += ` ON DELETE ${onDelete}`
  if (onUpdate !== undefined) sql += ` ON UPDATE ${onUpdate}`
  if (deferred === true) sql += " DEFERRABLE INITIALLY DEFERRED"
  return constraint(dialect, key.name, sql)
}

const enumCheck = (dialect: Dialect, table: AnyTable, column: AnyColumn): string => {
  const values = (column.type.args.values ?? []).map((value) => dialect.literal(value, column.type).trimStart())
  const name = dialect.quoteIdentifier(column.name)
  const usual = table.namingConvention.check(table.name, column.name)
  const isTaken = table.checks.some((check) => check.name === usual)
  const checkName = isTaken ? table.namingConvention.check(table.name, `${column.name}_enum`) : usual
  return constraint(dialect, checkName, `CHECK (${name} IN (${values.join(", ")}))`)
}

const createTableText = (
  dialect: Dialect,
  table: AnyTable,
  ifNotExists: boolean,
  foreignKeys: ReadonlyArray<ForeignKey>,
): string => {
  const writer = new StatementWriter(dialect, "literal", writeQuery)
  const lines = table.columns.map((column) => columnText(dialect, table, column))
  const { primaryKey } = table
  if (primaryKey.columns.length > 0) {
    lines.push(constraint(dialect, primaryKey.name, `PRIMARY KEY (${names(dialect, primaryKey.columns)})`))
  }
  for (const unique of table.uniques) {
    lines.push(constraint(dialect, unique.name, `UNIQUE (${names(dialect, unique.columns)})`))
  }
  for (const check of table.checks) {
    lines.push(constraint(dialect, check.name, `CHECK (${text(dialect, check.condition)})`))
  }
  for (const column of table.columns) if (column.type.kind === "enum") lines.push(enumCheck(dialect, table, column))
  for (const key of foreignKeys) lines.push(foreignKeyText(dialect, writer, key))
  return `CREATE TABLE ${ifNotExists ? "IF NOT EXISTS " : ""}${qualifier(writer, table)} (\n  ${lines.join(",\n  ")}\n)`
}

const createIndexText = (dialect: Dialect, index: Index, ifNotExists: boolean): string => {
  const writer = new StatementWriter(dialect, "literal", writeQuery)
  const parts = index.parts.map((part) => (isSimple(part) ? text(dialect, part) : `(${text(dialect, part)})`))
  const name = dialect.quoteIdentifier(fittingName(index.name, dialect))
  const where = index.where === undefined ? "" : ` WHERE ${text(dialect, index.where)}`
  const what = `${index.unique ? "UNIQUE " : ""}INDEX ${ifNotExists ? "IF NOT EXISTS " : ""}`
  return `CREATE ${what}${dialect.indexTarget(schemaOf(dialect, index), name, qualifier(writer, index.table), dialect.quoteIdentifier(index.table.name))} (${parts.join(", ")})${where}`
}

const schemaOf = (dialect: Dialect, index: Index): string | undefined =>
  index.table.schema === undefined ? undefined : dialect.quoteIdentifier(index.table.schema)

const isSimple = (part: ExpressionNode): boolean =>
  part.kind === "column" || part.kind === "function" || (part.kind === "order" && isSimple(part.operand))

const createAllTexts = (
  dialect: Dialect,
  tables: ReadonlyArray<AnyTable>,
  ifNotExists: boolean,
): ReadonlyArray<string> => {
  const made = new Set<AnyTable>()
  const later: Array<string> = []
  const creates = tables.map((table) => {
    made.add(table)
    const isLater = (key: ForeignKey) =>
      dialect.supportsAddConstraint && tables.includes(key.target) && !made.has(key.target)
    for (const key of table.foreignKeys.filter(isLater)) later.push(addConstraintText(dialect, table, key, ifNotExists))
    const inline = table.foreignKeys.filter((key) => !isLater(key))
    return createTableText(dialect, table, ifNotExists, inline)
  })
  const indexes = tables.flatMap((table) => table.indexes.map((index) => createIndexText(dialect, index, ifNotExists)))
  return [...creates, ...later, ...indexes]
}

const addConstraintText = (dialect: Dialect, table: AnyTable, key: ForeignKey, ifNotExists: boolean): string => {
  const writer = new StatementWriter(dialect, "literal", writeQuery)
  return dialect.addConstraint(
    qualifier(writer, table),
    fittingName(key.name, dialect),
    foreignKeyText(dialect, writer, key),
    ifNotExists,
  )
}

const dropTableText = (dialect: Dialect, table: AnyTable, ifExists: boolean): string =>
  `DROP TABLE ${ifExists ? "IF EXISTS " : ""}${qualifier(new StatementWriter(dialect, "literal", writeQuery), table)}`

const dropIndexText = (dialect: Dialect, index: Index, ifExists: boolean): string => {
  const schema = schemaOf(dialect, index)
  const name = dialect.quoteIdentifier(fittingName(index.name, dialect))
  return `DROP INDEX ${ifExists ? "IF EXISTS " : ""}${schema === undefined ? "" : `${schema}.`}${name}`
}

/** Foreign keys of a circle go first where tables cannot be dropped while they stand. */
const dropAllTexts = (dialect: Dialect, tables: ReadonlyArray<AnyTable>, ifExists: boolean): ReadonlyArray<string> => {
  const dropped = new Set<AnyTable>()
  const constraints: Array<string> = []
  const drops: Array<string> = []
  for (const table of tables) {
    for (const other of tables) {
      if (dropped.has(other) || other === table || !dialect.supportsAddConstraint) continue
      for (const key of other.foreignKeys) {
        if (key.target !== table) continue
        const owner = qualifier(new StatementWriter(dialect, "literal", writeQuery), other)
        const exists = ifExists ? "IF EXISTS " : ""
        constraints.push(
          `ALTER TABLE ${exists}${owner} DROP CONSTRAINT ${exists}${dialect.quoteIdentifier(fittingName(key.name, dialect))}`,
        )
      }
    }
    dropped.add(table)
    drops.push(dropTableText(dialect, table, ifExists))
  }
  return [...constraints, ...drops]
}

/** The SQL statements of a DDL operation, in order. */
export const ddlTexts = (operation: DdlOperation, dialect: Dialect): readonly [string, ...ReadonlyArray<string>] => {
  const [first, ...others] = textsOf(operation, dialect)
  if (first === undefined) throw new CompileError({ message: `${operation.kind}() has no tables` })
  return [first, ...others]
}

const textsOf = (operation: DdlOperation, dialect: Dialect): ReadonlyArray<string> => {
  switch (operation.kind) {
    case "createTable": {
      const { table, ifNotExists } = operation
      return [
        createTableText(dialect, table, ifNotExists, table.foreignKeys),
        ...table.indexes.map((index) => createIndexText(dialect, index, ifNotExists)),
      ]
    }
    case "dropTable":
      return [dropTableText(dialect, operation.table, operation.ifExists)]
    case "createIndex":
      return [createIndexText(dialect, operation.index, operation.ifNotExists)]
    case "dropIndex":
      return [dropIndexText(dialect, operation.index, operation.ifExists)]
    case "createAll":
      return createAllTexts(dialect, operation.tables, operation.ifNotExists)
    case "dropAll":
      return dropAllTexts(dialect, operation.tables, operation.ifExists)
  }
}
