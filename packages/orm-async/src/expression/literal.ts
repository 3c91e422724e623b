import { ArgumentError } from "../errors/usage-errors.ts"
import {
  bigintType,
  blobType,
  booleanType,
  comparisonType,
  doubleType,
  integerType,
  type SqlType,
  textType,
  timestampType,
  unknownType,
  wideIntegerType,
} from "../types/sql-type.ts"
import { Expression } from "./expression.ts"
import { type BindNode, type ConstantNode, type ExpressionNode, nameShape, none } from "./node.ts"

const typeOfNumber = (value: number): SqlType<number> => {
  if (!Number.isInteger(value)) return doubleType
  return value === (value | 0) ? integerType : wideIntegerType
}

/** The type of a plain JavaScript value, where nothing else tells it. */
export const typeOfValue = (value: unknown): SqlType<unknown> => {
  if (typeof value === "string") return textType
  if (typeof value === "number") return typeOfNumber(value)
  if (typeof value === "boolean") return booleanType
  if (typeof value === "bigint") return bigintType
  if (value instanceof Date) return timestampType
  if (value instanceof Uint8Array) return blobType
  if (value === null) return unknownType
  const what = value === undefined ? "undefined" : Array.isArray(value) ? "an array" : `a ${typeof value}`
  throw new ArgumentError({
    message: `No SQL type is known for ${what}. Give the type, as in literal(value, json()), or compare with a column`,
  })
}

/** Properties of a parameter beside its value and type. */
interface BindOptions {
  readonly name?: string | undefined
  readonly expanding?: boolean | undefined
  readonly standalone?: boolean | undefined
  /** The column whose values it stands beside, for messages. */
  readonly column?: string | undefined
}

type Writable<A> = { -readonly [K in keyof A]: A[K] }

const makeBind = (value: unknown, type: SqlType<unknown>, options: BindOptions): BindNode => {
  const { name, expanding = false, standalone = false, column } = options
  const node: Writable<BindNode> = {
    kind: "bind",
    value,
    type,
    name,
    expanding,
    standalone,
    column,
    shape: type.bindShape,
    binds: none,
    sources: none,
  }
  node.binds = [node]
  if (expanding || standalone || name !== undefined) {
    node.shape = `?${expanding ? "*" : ""}${standalone ? "!" : ""}${name === undefined ? "" : nameShape(name)}${type.shape}`
  }
  return node
}

const columnOf = (beside: ExpressionNode | undefined): string | undefined =>
  beside?.kind === "column" ? beside.column.title : undefined

/** A value as a parameter whose type follows from what stands beside it. */
export const bindNode = (value: unknown, type: SqlType<unknown>, beside?: ExpressionNode): BindNode =>
  makeBind(value, type, { column: columnOf(beside) })

/** A list of values: a placeholder for each. */
export const expandingNode = (
  values: ReadonlyArray<unknown>,
  type: SqlType<unknown>,
  beside: ExpressionNode,
): BindNode =>
  makeBind(values, type.kind === "unknown" ? typeOfValue(values[0]) : comparisonType(type), {
    expanding: true,
    column: columnOf(beside),
  })

/** A value that comes with the execution. */
export const namedNode = (name: string, type: SqlType<unknown>, options: Omit<BindOptions, "name"> = {}): BindNode =>
  makeBind(undefined, type, { ...options, name })

/** A value as a parameter that stands alone, so that the database must be told its type. */
export const literalNode = (value: unknown, type: SqlType<unknown> = typeOfValue(value)): ExpressionNode =>
  value === null ? nullNode : makeBind(value, type, { standalone: true })

export const nullNode: ConstantNode = { kind: "constant", value: null, shape: "null", binds: none, sources: none }
export const trueNode: ConstantNode = { kind: "constant", value: true, shape: "true", binds: none, sources: none }
export const falseNode: ConstantNode = { kind: "constant", value: false, shape: "false", binds: none, sources: none }

/**
 * An expression's node, or a parameter for a plain value. Parameters that have no type of their own take that of
 * `beside`, the expression that they are compared with, calculated with or assigned to.
 */
export const operandNode = (operand: unknown, type: SqlType<unknown>, beside?: ExpressionNode): ExpressionNode => {
  if (operand === null) return nullNode
  if (!(operand instanceof Expression)) {
    return bindNode(operand, type.kind === "unknown" ? typeOfValue(operand) : comparisonType(type), beside)
  }
  return typedNode(operand.node, comparisonType(type), beside)
}

/** A value that a column is set to; it must fit. */
export const assignedNode = (value: unknown, type: SqlType<unknown>, column: ExpressionNode): ExpressionNode => {
  if (value === null) return nullNode
  return value instanceof Expression ? typedNode(value.node, type, column) : bindNode(value, type, column)
}

const typedNode = (node: ExpressionNode, type: SqlType<unknown>, beside?: ExpressionNode): ExpressionNode => {
  if (node.kind !== "bind" || node.name === undefined || node.type.kind !== "unknown") return node
  const { name, expanding, standalone } = node
  return namedNode(name, type, { expanding, standalone, column: columnOf(beside) })
}
