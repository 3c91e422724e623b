/** Subjects that many targets are about. */

export const engineWorker = "offloop engine worker"
export const engineInline = "offloop engine inline"
export const better = "better-sqlite3"
export const effectSqlite = "@effect/sql-sqlite-node"
