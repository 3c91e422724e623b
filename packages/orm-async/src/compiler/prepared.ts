import type { Dialect } from "../dialect/dialect.ts"
import { Compilable } from "../expression/compilable.ts"
import type { BindNode } from "../expression/node.ts"
import { sharedValues } from "./shared-values.ts"
import type { CacheEntry, StatementCache } from "./statement-cache.ts"
import type { Template } from "./template.ts"

/** A statement made ready for the cache: its shape, its values, and how to compile it. */
export interface Prepared {
  readonly shape: string
  readonly binds: ReadonlyArray<BindNode>
  readonly compile: () => Template
  /** True where the statement has another shape or other values of its own each time, as those that a function gives. */
  readonly varies?: boolean
}

/** A statement's template and its own values: kept on the statement, to be found without its shape. */
export class PreparedTemplate {
  readonly template: Template
  readonly binds: ReadonlyArray<BindNode>
  readonly #entry: CacheEntry | undefined

  constructor(template: Template, binds: ReadonlyArray<BindNode>, entry: CacheEntry | undefined) {
    this.template = template
    this.binds = binds
    this.#entry = entry
  }

  /** Tells if the template is still in a cache, and counts as used there if so. */
  isIn(cache: StatementCache, dialect: Dialect): boolean {
    return this.#entry !== undefined && cache.holds(this.#entry, dialect)
  }
}

/** The template of a prepared statement: from the cache, or compiled. */
export const lookUp = (prepared: Prepared, dialect: Dialect, cache: StatementCache | undefined): PreparedTemplate => {
  const { shape, binds, compile } = prepared
  if (cache === undefined) return new PreparedTemplate(compile(), binds, undefined)
  const entry = cache.get(dialect, shape + sharedValues(binds), compile)
  return new PreparedTemplate(entry.template, binds, entry)
}

/** The template of a statement: what was kept on it, if the cache still has it, else by its shape. */
export const preparedTemplate = <S extends Compilable>(
  statement: S,
  dialect: Dialect,
  cache: StatementCache | undefined,
  prepare: (statement: S, dialect: Dialect) => Prepared,
): PreparedTemplate => {
  const kept = Compilable.compilationOf(statement)
  if (cache !== undefined && kept instanceof PreparedTemplate && kept.isIn(cache, dialect)) return kept
  const prepared = prepare(statement, dialect)
  const found = lookUp(prepared, dialect, cache)
  if (cache !== undefined && prepared.varies !== true) Compilable.keepCompilation(statement, found)
  return found
}
