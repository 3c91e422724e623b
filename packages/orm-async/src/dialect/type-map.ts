import type { SqlType } from "../types/sql-type.ts"
import type { DialectType } from "./dialect.ts"

/** A dialect's types, each made when first asked for. */
export const typeMap = (make: (type: SqlType<unknown>) => DialectType): ((type: SqlType<unknown>) => DialectType) => {
  const made = new WeakMap<SqlType<unknown>, DialectType>()
  return (type) => {
    let known = made.get(type)
    if (known === undefined) {
      known = make(type)
      made.set(type, known)
    }
    return known
  }
}
