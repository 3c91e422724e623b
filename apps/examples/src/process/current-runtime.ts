import type { Runtime } from "../../../../scripts/runtimes.ts"

/** The runtime that runs this program. */
export const currentRuntime: Runtime =
  "Deno" in globalThis ? "deno" : process.versions.bun !== undefined ? "bun" : "node"
