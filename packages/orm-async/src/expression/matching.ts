import { ArgumentError } from "../errors/usage-errors.ts"
import { booleanType, textType } from "../types/sql-type.ts"
import { Expression } from "./expression.ts"
import { bindNode, literalNode } from "./literal.ts"
import { bindsOf, type ExpressionNode, nameShape, shapesOf, sourcesOf } from "./node.ts"
import { type AnyExpression, binaryNode } from "./operators.ts"

/** Options of {@link like} and {@link ilike}. */
export interface LikeOptions {
  /** A character that takes the special meaning of `%`, `_` and itself away. */
  readonly escape?: string | undefined
}

/** Options of {@link startsWith}, {@link endsWith} and {@link contains}. */
export interface AffixOptions {
  /** Finds `%` and `_` as such instead of as wildcards. Takes a plain value. */
  readonly autoescape?: boolean | undefined
}

const escapeCharacter = "/"

interface Matching {
  readonly caseInsensitive: boolean
  readonly escape: string | undefined
}

const likeNode = (left: ExpressionNode, pattern: ExpressionNode, matching: Matching): Expression<boolean | null> => {
  if (matching.escape !== undefined && Array.from(matching.escape).length !== 1) {
    throw new ArgumentError({
      message: `The escape of LIKE must be one character; got ${JSON.stringify(matching.escape)}`,
    })
  }
  const nodes = [left, pattern]
  const name = matching.caseInsensitive ? "ilike" : "like"
  return new Expression(
    {
      kind: "like",
      negated: false,
      left,
      pattern,
      ...matching,
      shape: `(${name}${matching.escape === undefined ? "" : nameShape(matching.escape)} ${shapesOf(nodes)})`,
      binds: bindsOf(nodes),
      sources: sourcesOf(nodes),
    },
    booleanType,
  )
}

const patternNode = (pattern: string | AnyExpression<string | null>): ExpressionNode =>
  pattern instanceof Expression ? pattern.node : bindNode(pattern, textType)

/**
 * `left LIKE pattern`: `%` stands for any text and `_` for any character. PostgreSQL minds the case; SQLite does not for
 * ASCII letters.
 *
 * @see SQLAlchemy `ColumnOperators.like`
 */
export const like = (
  left: AnyExpression<string | null>,
  pattern: string | AnyExpression<string | null>,
  options: LikeOptions = {},
): Expression<boolean | null> =>
  likeNode(left.node, patternNode(pattern), { caseInsensitive: false, escape: options.escape })

/**
 * `LIKE` that minds no case on any database.
 *
 * @see SQLAlchemy `ColumnOperators.ilike`
 */
export const ilike = (
  left: AnyExpression<string | null>,
  pattern: string | AnyExpression<string | null>,
  options: LikeOptions = {},
): Expression<boolean | null> =>
  likeNode(left.node, patternNode(pattern), { caseInsensitive: true, escape: options.escape })

const escaped = (text: string): string => text.replaceAll(/[/%_]/g, (character) => `${escapeCharacter}${character}`)

const percent = (): ExpressionNode => literalNode("%", textType)

const affix = (
  left: AnyExpression<string | null>,
  part: string | AnyExpression<string | null>,
  where: { readonly before: boolean; readonly after: boolean },
  options: AffixOptions,
): Expression<boolean | null> => {
  const autoescape = options.autoescape ?? false
  const matching = { caseInsensitive: false, escape: autoescape ? escapeCharacter : undefined }
  if (!(part instanceof Expression)) {
    const inner = autoescape ? escaped(part) : part
    const pattern = `${where.before ? "%" : ""}${inner}${where.after ? "%" : ""}`
    return likeNode(left.node, bindNode(pattern, textType), matching)
  }
  if (autoescape) {
    throw new ArgumentError({ message: "autoescape works on plain values; escape an expression with SQL's replace()" })
  }
  let pattern = part.node
  if (where.before) pattern = binaryNode("||", percent(), pattern)
  if (where.after) pattern = binaryNode("||", pattern, percent())
  return likeNode(left.node, pattern, matching)
}

/**
 * `left LIKE part || '%'`.
 *
 * @see SQLAlchemy `ColumnOperators.startswith`
 */
export const startsWith = (
  left: AnyExpression<string | null>,
  part: string | AnyExpression<string | null>,
  options: AffixOptions = {},
): Expression<boolean | null> => affix(left, part, { before: false, after: true }, options)

/**
 * `left LIKE '%' || part`.
 *
 * @see SQLAlchemy `ColumnOperators.endswith`
 */
export const endsWith = (
  left: AnyExpression<string | null>,
  part: string | AnyExpression<string | null>,
  options: AffixOptions = {},
): Expression<boolean | null> => affix(left, part, { before: true, after: false }, options)

/**
 * `left LIKE '%' || part || '%'`.
 *
 * @see SQLAlchemy `ColumnOperators.contains`
 */
export const contains = (
  left: AnyExpression<string | null>,
  part: string | AnyExpression<string | null>,
  options: AffixOptions = {},
): Expression<boolean | null> => affix(left, part, { before: true, after: true }, options)
