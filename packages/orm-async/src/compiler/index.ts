export { type CompileOptions, compile, type ExecuteParameters } from "./compile.ts"
export type { Compiled, CompiledStep } from "./compiled.ts"
export { type CacheStatistics, StatementCache } from "./statement-cache.ts"
