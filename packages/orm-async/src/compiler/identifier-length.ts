import type { Dialect } from "../dialect/dialect.ts"

/** FNV-1a, enough to tell names apart that begin alike. */
const hash = (text: string): string => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return (value >>> 0).toString(16).padStart(8, "0")
}

const encoder = new TextEncoder()

const cut = (text: string, bytes: number): string => {
  let kept = text
  while (encoder.encode(kept).length > bytes) kept = kept.slice(0, -1)
  return kept.isWellFormed() ? kept : kept.slice(0, -1)
}

/**
 * A generated name that fits: a longer one is cut and ends in a hash of the whole, so that two long names stay two.
 *
 * @see SQLAlchemy `IdentifierPreparer.truncate_and_render_constraint_name`
 */
export const fittingName = (name: string, dialect: Dialect): string =>
  encoder.encode(name).length <= dialect.maxIdentifierLength
    ? name
    : `${cut(name, dialect.maxIdentifierLength - 9)}_${hash(name)}`
