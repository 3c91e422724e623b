/** Holds what docs/bundling.md says. */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { build } from "esbuild"
import { expect, onTestFinished, test } from "vitest"
import { ThreadEntryError, threads } from "../src/threads.ts"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const oneFile = here("fixtures/bundled/one-file.ts")
const execute = promisify(execFile)
const flags = "Deno" in globalThis ? ["run", "-A", "--no-config"] : []

/** A folder outside of the repository, where nothing but the bundle can be found. */
const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), "offloop-bundle-"))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  await mkdir(join(path, "empty"))
  return path
}

const output = async (path: string, executable: string, ...args: ReadonlyArray<string>): Promise<unknown> => {
  const { stdout } = await execute(executable, args, { cwd: join(path, "empty"), timeout: 45_000 })
  return JSON.parse(stdout)
}

/** What the program in one file prints. */
const everything = {
  sum: 3,
  later: 5,
  inline: 7,
  streamed: [1, 2, 3],
  called: 42,
  counted: 42,
  reason: "it is not an absolute URL, and none of the modules given to threads(): tasks",
}

test.each([true, false])(
  "a program and its tasks, bundled with esbuild as several files, splitting: %s",
  async (splitting) => {
    const outdir = await folder()
    await build({
      entryPoints: {
        main: here("fixtures/bundled/main.ts"),
        tasks: here("fixtures/bundled/tasks.ts"),
        "thread-entry": here("../src/internal/worker/thread-entry.ts"),
      },
      bundle: true,
      splitting,
      chunkNames: "[name]-[hash]",
      format: "esm",
      platform: "node",
      outdir,
      logLevel: "silent",
    })
    const printed = await output(outdir, process.execPath, ...flags, join(outdir, "main.js"))
    expect(printed).toEqual({ sum: 3, counted: 42 })
  },
)

test("a program that names its threads' entry runs from one minified file of esbuild", async () => {
  const path = await folder()
  const outfile = join(path, "program.js")
  await build({
    entryPoints: [oneFile],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    outfile,
    logLevel: "silent",
  })
  expect(await output(path, process.execPath, ...flags, outfile)).toEqual(everything)
})

test("a program that names its threads' entry runs from its sources", async () => {
  const path = await folder()
  const sources = "Deno" in globalThis ? ["run", "-A", "--node-modules-dir=manual"] : []
  expect(await output(path, process.execPath, ...sources, oneFile)).toEqual(everything)
})

// Only Bun can compile with Bun. What `deno compile` needs cannot be installed: docs/bundling.md says what is known of it.
if ("Bun" in globalThis) {
  test("a program that names its threads' entry runs as one executable of Bun", async () => {
    const path = await folder()
    const outfile = join(path, "program")
    await execute(process.execPath, ["build", "--compile", "--minify", oneFile, "--outfile", outfile])
    expect(await output(path, outfile)).toEqual(everything)
  })
}

test("threads() of a second file is refused", async () => {
  await threads("file:///first.js", {})
  await expect(threads("file:///second.js", {})).rejects.toThrow(ThreadEntryError)
  await expect(threads("file:///second.js", {})).rejects.toThrow("with file:///first.js already")
})
