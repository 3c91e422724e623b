import { CompileError } from "../errors/usage-errors.ts"
import type { FromClause } from "../expression/from-clause.ts"
import type { Cte } from "../statement/subquery.ts"

/** CTEs of a statement by name, in the order in which they must be written. */
export class CteRegistry<Body> {
  readonly #current = new Map<string, { cte: Cte; body: Body | undefined }>()

  /** Compiles the CTE's body unless the name stands for it already. A CTE that completes another takes its place. */
  need(cte: Cte, compileBody: () => Body): void {
    const known = this.#current.get(cte.name)
    if (known !== undefined) {
      if (known.cte === cte || restates(known.cte, cte)) return
      if (!restates(cte, known.cte)) {
        throw new CompileError({
          message: `Two different CTEs of the statement are named "${cte.name}". Give one of them another name`,
        })
      }
    }
    const entry: { cte: Cte; body: Body | undefined } = { cte, body: undefined }
    this.#current.delete(cte.name)
    this.#current.set(cte.name, entry)
    entry.body = compileBody()
    if (this.#current.get(cte.name) !== entry) return
    this.#current.delete(cte.name)
    this.#current.set(cte.name, entry)
  }

  /** Each CTE after those that its body needs. */
  get entries(): ReadonlyArray<{ readonly cte: Cte; readonly body: Body }> {
    return [...this.#current.values()].flatMap(({ cte, body }) => (body === undefined ? [] : [{ cte, body }]))
  }
}

/** Tells if a CTE completes another. */
const restates = (later: Cte, earlier: Cte): boolean => {
  for (let cte = later.restates; cte !== undefined; cte = cte.restates) if (cte === earlier) return true
  return false
}

/** The form in which columns are written. */
export type ColumnStyle = "qualified" | "bare" | "output"

/** Where in a statement the compiler is. */
export interface Scope {
  /** Sources of the queries around this one, whose columns it may use. */
  readonly enclosing: ReadonlyArray<FromClause>
  readonly columns: ColumnStyle
  /** Names of labels in the select list, which ORDER BY may use. */
  readonly labels: ReadonlySet<string>
}

export const rootScope: Scope = { enclosing: [], columns: "qualified", labels: new Set() }
