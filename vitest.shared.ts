import { defineConfig } from "vitest/config"

/**
 * The configuration that every package's tests run with, on every runtime.
 *
 * Tests run in threads where they can: Bun cannot run them in processes, and on Deno a thread that is started in a thread
 * comes to life half a second late, so that there they run in processes. Nothing is retried: a test that fails once has
 * failed. The timeout only ends what hangs, so it is far above what a slow machine needs.
 */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "Deno" in globalThis ? "forks" : "threads",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    watch: false,
    // Results of an earlier run would order the next one: every run is to be like the first.
    cache: false,
  },
})
