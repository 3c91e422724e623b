import type { SqlType } from "../types/sql-type.ts"
import type { Column } from "./column.ts"
import type { FromClause } from "./from-clause.ts"
import type { QueryExpression } from "./query-expression.ts"

/**
 * The syntax tree: plain data, without types of values. The compiler reads it, `Expression` is its typed handle.
 *
 * Every node knows three things from the moment it is made, so that executing a statement whose shape has been
 * compiled before needs no walk over the tree:
 *
 * - `shape`: the node without its values; equal shapes have equal SQL
 * - `binds`: its values, in the order of the tree
 * - `sources`: the tables and subqueries that its columns belong to, without those of nested queries
 */
export interface NodeBase {
  readonly shape: string
  readonly binds: ReadonlyArray<BindNode>
  readonly sources: ReadonlyArray<FromClause>
}

export interface ColumnNode extends NodeBase {
  readonly kind: "column"
  readonly column: Column<unknown, string, string>
}

/** A value, or a place for one that is given on execution. */
export interface BindNode extends NodeBase {
  readonly kind: "bind"
  readonly value: unknown
  readonly type: SqlType<unknown>
  /** Set where the value comes with the execution. */
  readonly name: string | undefined
  /** The value is a list, rendered as a placeholder for each element. */
  readonly expanding: boolean
  /** The database cannot tell the type from the surroundings. */
  readonly standalone: boolean
  /** `table.column` of the column that it stands beside, for messages. */
  readonly column: string | undefined
}

export interface BinaryNode extends NodeBase {
  readonly kind: "binary"
  readonly operator: string
  readonly left: ExpressionNode
  readonly right: ExpressionNode
}

/** A prefix (`NOT x`, `-x`) or postfix (`x IS NULL`) operator. */
export interface UnaryNode extends NodeBase {
  readonly kind: "unary"
  readonly operator: string
  readonly position: "prefix" | "postfix"
  readonly operand: ExpressionNode
}

export interface LogicalNode extends NodeBase {
  readonly kind: "logical"
  readonly operator: "AND" | "OR"
  readonly operands: ReadonlyArray<ExpressionNode>
}

export interface ConstantNode extends NodeBase {
  readonly kind: "constant"
  readonly value: null | boolean
}

export interface LikeNode extends NodeBase {
  readonly kind: "like"
  readonly negated: boolean
  readonly caseInsensitive: boolean
  readonly left: ExpressionNode
  readonly pattern: ExpressionNode
  readonly escape: string | undefined
}

export interface BetweenNode extends NodeBase {
  readonly kind: "between"
  readonly negated: boolean
  readonly operand: ExpressionNode
  readonly low: ExpressionNode
  readonly high: ExpressionNode
}

export interface InNode extends NodeBase {
  readonly kind: "in"
  readonly negated: boolean
  readonly left: ExpressionNode
  readonly list: ExpressionNode | SubqueryNode
}

export interface FunctionNode extends NodeBase {
  readonly kind: "function"
  readonly name: string
  readonly args: ReadonlyArray<ExpressionNode>
  readonly distinct: boolean
  readonly filter: ExpressionNode | undefined
}

export interface StarNode extends NodeBase {
  readonly kind: "star"
}

/** The moment of the statement, in the form in which the dialect stores timestamps. */
export interface NowNode extends NodeBase {
  readonly kind: "now"
}

export interface CaseNode extends NodeBase {
  readonly kind: "case"
  readonly whens: ReadonlyArray<readonly [ExpressionNode, ExpressionNode]>
  readonly otherwise: ExpressionNode | undefined
}

export interface CastNode extends NodeBase {
  readonly kind: "cast"
  readonly operand: ExpressionNode
  readonly type: SqlType<unknown>
}

export interface OrderNode extends NodeBase {
  readonly kind: "order"
  readonly operand: ExpressionNode
  readonly direction: "ASC" | "DESC" | undefined
  readonly nulls: "FIRST" | "LAST" | undefined
}

/** The name of a result column, as ORDER BY and GROUP BY may use it. */
export interface NameNode extends NodeBase {
  readonly kind: "name"
  readonly name: string
}

export interface OverNode extends NodeBase {
  readonly kind: "over"
  readonly operand: ExpressionNode
  readonly partitionBy: ReadonlyArray<ExpressionNode>
  readonly orderBy: ReadonlyArray<ExpressionNode>
  readonly frame: string | undefined
}

export interface LabelNode extends NodeBase {
  readonly kind: "label"
  readonly name: string
  readonly operand: ExpressionNode
}

/** SQL text with expressions in between: one more text than expressions. */
export interface RawNode extends NodeBase {
  readonly kind: "raw"
  readonly texts: ReadonlyArray<string>
  readonly parts: ReadonlyArray<ExpressionNode | FromNode>
}

/** A table's name inside SQL text. */
export interface FromNode extends NodeBase {
  readonly kind: "from"
  readonly from: FromClause
}

/** A query in parentheses, as a scalar or after IN. */
export interface SubqueryNode extends NodeBase {
  readonly kind: "subquery"
  readonly query: QueryExpression
}

export interface ExistsNode extends NodeBase {
  readonly kind: "exists"
  readonly query: QueryExpression
}

export type ExpressionNode =
  | ColumnNode
  | BindNode
  | BinaryNode
  | UnaryNode
  | LogicalNode
  | ConstantNode
  | LikeNode
  | BetweenNode
  | InNode
  | FunctionNode
  | StarNode
  | NowNode
  | CaseNode
  | CastNode
  | OrderNode
  | NameNode
  | OverNode
  | LabelNode
  | RawNode
  | SubqueryNode
  | ExistsNode

/** No values, no tables. */
export const none: readonly [] = Object.freeze([]) as unknown as readonly []

const union = <A>(left: ReadonlyArray<A>, right: ReadonlyArray<A>): ReadonlyArray<A> => {
  if (right.length === 0 || left === right) return left
  if (left.length === 0) return right
  const missing = right.filter((item) => !left.includes(item))
  return missing.length === 0 ? left : [...left, ...missing]
}

/** A name as a part of a shape: its length tells where it ends, whatever is in it. */
export const nameShape = (name: string): string => `${name.length}:${name}`

/** The values of two nodes, in order. */
export const bindsOfBoth = (left: NodeBase, right: NodeBase): ReadonlyArray<BindNode> => {
  if (right.binds.length === 0) return left.binds
  return left.binds.length === 0 ? right.binds : [...left.binds, ...right.binds]
}

/** The tables and subqueries of two nodes, each once. */
export const sourcesOfBoth = (left: NodeBase, right: NodeBase): ReadonlyArray<FromClause> =>
  union(left.sources, right.sources)

/** The values of several nodes, in order. */
export const bindsOf = (nodes: ReadonlyArray<Pick<NodeBase, "binds">>): ReadonlyArray<BindNode> => {
  let first: ReadonlyArray<BindNode> = none
  let all: Array<BindNode> | undefined
  for (const { binds } of nodes) {
    if (binds.length === 0) continue
    if (first.length === 0) first = binds
    else {
      all ??= [...first]
      for (const bind of binds) all.push(bind)
    }
  }
  return all ?? first
}

/** The tables and subqueries of several nodes, each once. */
export const sourcesOf = (nodes: ReadonlyArray<NodeBase>): ReadonlyArray<FromClause> => {
  let sources: ReadonlyArray<FromClause> = none
  for (const node of nodes) sources = union(sources, node.sources)
  return sources
}

/** The shapes of several nodes as one. */
export const shapesOf = (nodes: ReadonlyArray<Pick<NodeBase, "shape">>): string => {
  let shape = ""
  for (const node of nodes) shape += shape === "" ? node.shape : `,${node.shape}`
  return shape
}
