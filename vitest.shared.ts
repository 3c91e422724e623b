import { join } from "node:path"
import { defineConfig } from "vitest/config"

/**
 * The configuration that every package's tests run with, on every runtime.
 *
 * `threads` is the one pool that Node, Bun and Deno all run. Nothing is retried: a test that fails once has failed.
 * The timeout only ends what hangs, so it is far above what a slow machine needs.
 */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "threads",
    setupFiles: "Deno" in globalThis ? [join(import.meta.dirname, "scripts", "deno-worker.ts")] : [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    watch: false,
    // What an earlier run took or failed would order the next one: every run is like the first.
    cache: false,
  },
})
