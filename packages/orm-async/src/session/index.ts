export { IdentityMap } from "./identity-map.ts"
export type { GetOptions, RefreshOptions, ScalarOf } from "./session.ts"
export type { GetOneError, SessionError } from "./session-error.ts"
export type { SessionOptions } from "./session-options.ts"
