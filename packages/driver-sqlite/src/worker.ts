/** The code that runs in the threads of this driver, for programs that are bundled: see docs/bundling.md. */
export { openConnection } from "./internal/sqlite-worker.ts"
