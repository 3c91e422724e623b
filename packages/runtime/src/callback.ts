/**
 * Offloop for libraries: `@offloop/runtime/callback`. It loads no module of Effect and makes no promises, so that a
 * library can build its own styles on it.
 */
export { TaggedError, type TaggedErrorClass } from "./internal/tagged-error.ts"
