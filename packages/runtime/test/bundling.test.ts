/** Holds what docs/bundling.md says. */
import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { build } from "esbuild"
import { expect, onTestFinished, test } from "vitest"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

test.each([true, false])(
  "a program bundled with esbuild finds its worker and its tasks, splitting: %s",
  async (splitting) => {
    // Outside of the repository, where nothing but the bundle can be found.
    const outdir = await mkdtemp(join(tmpdir(), "offloop-bundle-"))
    onTestFinished(() => rm(outdir, { recursive: true, force: true }))
    await build({
      entryPoints: {
        "app/main": here("fixtures/bundled/main.ts"),
        "app/tasks": here("fixtures/bundled/tasks.ts"),
        "worker/entry": here("../src/internal/worker/entry.ts"),
        "worker/task-runner": here("../src/internal/worker/task-runner.ts"),
      },
      bundle: true,
      splitting,
      chunkNames: "chunks/[name]-[hash]",
      format: "esm",
      platform: "node",
      outdir,
      logLevel: "silent",
    })
    const flags = "Deno" in globalThis ? ["run", "-A", "--no-config"] : []
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, join(outdir, "app", "main.js")], {
      cwd: outdir,
      timeout: 45_000,
    })
    expect(JSON.parse(stdout)).toEqual({ sum: 3, counted: 42 })
  },
)
