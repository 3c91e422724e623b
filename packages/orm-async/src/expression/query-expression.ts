import { Compilable } from "./compilable.ts"
import type { BindNode } from "./node.ts"

/**
 * A query as an expression contains it: in parentheses, after IN, inside EXISTS. Selects and their compounds extend it;
 * expressions need no more of them than this.
 */
export abstract class QueryExpression extends Compilable {
  abstract readonly statementKind: "select" | "compound"
  /** The query without its values; equal shapes have equal SQL. */
  abstract readonly shape: string
  /** The values, in the order of the shape. */
  abstract readonly binds: ReadonlyArray<BindNode>
}
