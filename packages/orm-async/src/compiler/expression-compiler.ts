import type { FromClause } from "../expression/from-clause.ts"
import type { ExpressionNode, FromNode } from "../expression/node.ts"
import { Table } from "../schema/table.ts"
import type { Scope } from "./scope.ts"
import type { StatementWriter } from "./statement-writer.ts"

/** A source's name as columns are qualified with it. */
export const qualifier = (writer: StatementWriter, from: FromClause): string => {
  const name = writer.dialect.quoteIdentifier(from.name)
  return from instanceof Table && from.schema !== undefined
    ? `${writer.dialect.quoteIdentifier(from.schema)}.${name}`
    : name
}

type Kind = ExpressionNode["kind"]
type NodeOf<K extends Kind> = Extract<ExpressionNode, { readonly kind: K }>
type Write<K extends Kind> = (writer: StatementWriter, node: NodeOf<K>, scope: Scope) => void

/** Kinds whose SQL can stand beside an operator without parentheses. */
const atomic: ReadonlySet<Kind> = new Set<Kind>([
  "column",
  "bind",
  "constant",
  "function",
  "now",
  "cast",
  "name",
  "subquery",
  "exists",
  "over",
  "case",
])

/** Operators that need no parentheses around themselves on their left. */
const associative: ReadonlySet<string> = new Set(["+", "*", "||"])

const withoutLabel = (node: ExpressionNode): ExpressionNode => (node.kind === "label" ? node.operand : node)

const writeOperand = (writer: StatementWriter, node: ExpressionNode, scope: Scope): void => {
  const operand = withoutLabel(node)
  const grouped = !atomic.has(operand.kind)
  if (grouped) writer.write("(")
  writeExpression(writer, operand, scope)
  if (grouped) writer.write(")")
}

/** Writes nodes with commas in between. */
export const writeList = (writer: StatementWriter, nodes: ReadonlyArray<ExpressionNode>, scope: Scope): void => {
  nodes.forEach((node, i) => {
    if (i > 0) writer.write(", ")
    writeExpression(writer, node, scope)
  })
}

/** Writes conditions that all, or any of which, must hold. */
export const writeConnected = (
  writer: StatementWriter,
  operator: "AND" | "OR",
  conditions: ReadonlyArray<ExpressionNode>,
  scope: Scope,
): void => {
  conditions.forEach((condition, i) => {
    if (i > 0) writer.write(` ${operator} `)
    const bare = withoutLabel(condition)
    if (conditions.length > 1 && (bare.kind === "logical" || bare.kind === "raw")) writeOperand(writer, bare, scope)
    else writeExpression(writer, bare, scope)
  })
}

const writePart = (writer: StatementWriter, part: ExpressionNode | FromNode, scope: Scope): void => {
  if (part.kind === "from") writer.write(qualifier(writer, part.from))
  else if (part.kind === "label") writeOperand(writer, part, scope)
  else writeExpression(writer, part, scope)
}

const constants = { true: "TRUE", false: "FALSE", null: "NULL" } as const

/** The writer of each kind of node. */
const writers: { readonly [K in Kind]: Write<K> } = {
  column: (writer, { column }, { columns }) => {
    const quote = writer.dialect.quoteIdentifier
    if (columns === "output") writer.write(quote(column.key))
    else if (columns === "bare") writer.write(quote(column.name))
    else writer.write(`${qualifier(writer, column.from)}.${quote(column.name)}`)
  },
  bind: (writer, node) => writer.bind(node),
  constant: (writer, { value }) => writer.write(constants[`${value}`]),
  star: (writer) => writer.write("*"),
  now: (writer) => writer.write(writer.dialect.now),
  name: (writer, { name }) => writer.write(writer.dialect.quoteIdentifier(name)),
  label: (writer, { operand }, scope) => writeExpression(writer, operand, scope),

  binary: (writer, { left, right, operator }, scope) => {
    const chained = left.kind === "binary" && left.operator === operator && associative.has(operator)
    if (chained) writeExpression(writer, left, scope)
    else writeOperand(writer, left, scope)
    writer.write(` ${operator} `)
    writeOperand(writer, right, scope)
  },

  unary: (writer, { operator, position, operand }, scope) => {
    if (position === "prefix") writer.write(`${operator} `)
    writeOperand(writer, operand, scope)
    if (position === "postfix") writer.write(` ${operator}`)
  },

  logical: (writer, { operator, operands }, scope) => writeConnected(writer, operator, operands, scope),

  like: (writer, node, scope) => {
    const left = writer.capture(() => writeOperand(writer, node.left, scope))
    const pattern = writer.capture(() => writeOperand(writer, node.pattern, scope))
    const { ilike } = writer.dialect
    writer.arrange([left, pattern], (a = "", b = "") => (node.caseInsensitive ? ilike(a, b) : `${a} LIKE ${b}`))
    if (node.escape !== undefined) writer.write(` ESCAPE '${node.escape.replace("'", "''")}'`)
  },

  between: (writer, { operand, low, high }, scope) => {
    writeOperand(writer, operand, scope)
    writer.write(" BETWEEN ")
    writeOperand(writer, low, scope)
    writer.write(" AND ")
    writeOperand(writer, high, scope)
  },

  in: (writer, { left, list, negated }, scope) => {
    const isList = list.kind === "bind" && list.expanding
    const mayBeEmpty = isList && list.name !== undefined
    if (mayBeEmpty) writer.write("(")
    writeOperand(writer, left, scope)
    writer.write(negated ? " NOT IN " : " IN ")
    if (isList) {
      writer.write("(")
      writer.bind(list, negated ? "NULL) OR (1 = 1" : "NULL) AND (1 = 0")
      writer.write(")")
    } else writeExpression(writer, list, scope)
    if (mayBeEmpty) writer.write(")")
  },

  function: (writer, { name, args, distinct, filter }, scope) => {
    writer.write(`${name}(${distinct ? "DISTINCT " : ""}`)
    writeList(writer, args, scope)
    writer.write(")")
    if (filter === undefined) return
    writer.write(" FILTER (WHERE ")
    writeExpression(writer, filter, scope)
    writer.write(")")
  },

  case: (writer, { whens, otherwise }, scope) => {
    writer.write("CASE")
    for (const [condition, value] of whens) {
      writer.write(" WHEN ")
      writeExpression(writer, condition, scope)
      writer.write(" THEN ")
      writeOperand(writer, value, scope)
    }
    if (otherwise !== undefined) {
      writer.write(" ELSE ")
      writeOperand(writer, otherwise, scope)
    }
    writer.write(" END")
  },

  cast: (writer, { operand, type }, scope) => {
    const { castAs, ddl } = writer.dialect.type(type)
    writer.write("CAST(")
    writeExpression(writer, operand, scope)
    writer.write(` AS ${castAs ?? ddl})`)
  },

  order: (writer, { operand, direction, nulls }, scope) => {
    writeOrdered(writer, operand, scope)
    if (direction !== undefined) writer.write(` ${direction}`)
    if (nulls !== undefined) writer.write(` NULLS ${nulls}`)
  },

  over: (writer, { operand, partitionBy, orderBy, frame }, scope) => {
    // Inside a window a label's name is not known yet: its expression stands there.
    const inside: Scope = { ...scope, labels: new Set() }
    writeExpression(writer, operand, scope)
    writer.write(" OVER (")
    let space = ""
    if (partitionBy.length > 0) {
      writer.write("PARTITION BY ")
      writeList(writer, partitionBy, inside)
      space = " "
    }
    if (orderBy.length > 0) {
      writer.write(`${space}ORDER BY `)
      writeList(writer, orderBy, inside)
      space = " "
    }
    if (frame !== undefined) writer.write(`${space}${frame}`)
    writer.write(")")
  },

  raw: (writer, { texts, parts }, scope) => {
    texts.forEach((text, i) => {
      writer.write(text)
      const part = parts[i]
      if (part !== undefined) writePart(writer, part, scope)
    })
  },

  subquery: (writer, { query }, scope) => {
    writer.write("(")
    writer.query(query, scope.enclosing)
    writer.write(")")
  },

  exists: (writer, { query }, scope) => {
    writer.write("EXISTS (")
    writer.query(query, scope.enclosing)
    writer.write(")")
  },
}

/** Writes the SQL of an expression. */
export const writeExpression = (writer: StatementWriter, node: ExpressionNode, scope: Scope): void => {
  const write = writers[node.kind] as (writer: StatementWriter, node: ExpressionNode, scope: Scope) => void
  write(writer, node, scope)
}

/** An expression in ORDER BY: a label that is selected goes by its name. */
export const writeOrdered = (writer: StatementWriter, node: ExpressionNode, scope: Scope): void => {
  if (node.kind === "label" && (scope.columns === "output" || scope.labels.has(node.name))) {
    writer.write(writer.dialect.quoteIdentifier(node.name))
  } else writeExpression(writer, node, scope)
}
