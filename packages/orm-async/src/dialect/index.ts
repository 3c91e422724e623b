export type { BeginMode, BeginOptions, Dialect, DialectType, LockOptions, UnchangedCells } from "./dialect.ts"
export { postgresqlDialect } from "./postgresql-dialect.ts"
export { sqliteDialect } from "./sqlite-dialect.ts"
export { ValueProblem } from "./value-problem.ts"
