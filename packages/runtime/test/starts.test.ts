/** However a program was started, its threads and processes start, and none of them starts the program again. */
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

const here = (path: string): string => new URL(path, import.meta.url).href

// A program that is started again by one of its own processes says so, and goes no further.
const program = `
const { OffLoop, Task } = await import(${JSON.stringify(here("../src/promise.ts"))})
const { add, options } = Task.fromModule(${JSON.stringify(here("./fixtures/tasks.ts"))})
if (process.env.OFFLOOP_TEST_STARTED) {
  console.log("started again")
  process.exit(1)
}
process.env.OFFLOOP_TEST_STARTED = "yes"
const pool = await OffLoop.open({ maxThreads: 1, processes: { max: 1 } })
console.log("thread", await pool.runSync(add, 1, 2))
console.log("process", await pool.runSyncWith({ placement: "process" })(add, 3, 4))
console.log("options", JSON.stringify(await pool.runSyncWith({ placement: "process" })(options)))
await pool.close()
process.exit(0)
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "offloop-starts-"))
  writeFileSync(join(folder, "main.mjs"), program)
  writeFileSync(join(folder, "hook.cjs"), 'globalThis.hooked = "yes"\n')
  writeFileSync(join(folder, "hook.mjs"), 'globalThis.hooked = "yes"\n')
  writeFileSync(join(folder, "config"), "")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const deno = "Deno" in globalThis
const bun = "Bun" in globalThis
// The runtimes find what the program imports by the folder that they are started in.
const cwd = fileURLToPath(new URL("..", import.meta.url))

const start = (
  args: ReadonlyArray<string>,
  { input, env = {}, at = cwd }: { input?: string; env?: Record<string, string>; at?: string } = {},
): Promise<{ lines: ReadonlyArray<string>; errors: string }> =>
  new Promise((resolve) => {
    const options = { cwd: at, timeout: 45_000, env: { ...process.env, ...env } }
    const child = execFile(process.execPath, args, options, (_, stdout, errors) => {
      resolve({ lines: stdout.split("\n").filter((line) => /^(thread|process|options|started) /.test(line)), errors })
    })
    child.stdin?.end(input ?? "")
  })

const works = async (
  args: ReadonlyArray<string>,
  how?: Parameters<typeof start>[1],
): Promise<ReadonlyArray<string>> => {
  const { lines, errors } = await start(args, how)
  expect([lines.slice(0, 2), lines.length === 3 ? "" : errors]).toEqual([["thread 3", "process 7"], ""])
  return JSON.parse(lines[2]?.slice("options ".length) ?? "") as ReadonlyArray<string>
}

const file = (name: string): string => join(folder, name)
/** What a test of this runtime is started with too, where it is one of Node's. */
const wasm = "--wasm-wrapper-tiering-budget=2147483647"

if (deno) {
  describe("a program of Deno", () => {
    const modules = "--node-modules-dir=manual"
    test("that is a file", () => works(["run", "-A", modules, file("main.mjs")]))
    test("that is evaluated", () => works(["eval", modules, program]))
    test("that comes from its input", () => works(["run", "-A", modules, "-"], { input: program }))
  })
} else if (bun) {
  describe("a program of Bun", () => {
    test("that is a file", () => works([file("main.mjs")]))
    test("that is evaluated", async () => {
      for (const args of [["-e", program], ["--eval", program], [`--eval=${program}`]]) {
        expect(await works(args)).toEqual([])
      }
    })
    test("that comes from its input", () => works(["-"], { input: program }))
    test("with options that have values", async () => {
      const preload = ["--preload", file("hook.cjs")]
      expect(await works(["--smol", ...preload, file("main.mjs")])).toEqual(["--smol", ...preload])
      expect(await works(["--inspect=127.0.0.1:0", "--smol", file("main.mjs")])).toEqual(["--smol"])
    })
  })
} else {
  describe("a program of Node", () => {
    test("that is a file", () => works([wasm, file("main.mjs")]))

    test("that is evaluated, as a module or not", async () => {
      for (const args of [
        ["-e", program],
        ["--eval", program],
        [`--eval=${program}`],
        ["--input-type=module", "-e", program],
        ["--input-type", "module", `--eval=${program}`],
      ]) {
        expect(await works([wasm, ...args])).toEqual([wasm])
      }
    })

    test("that comes from its input", async () => {
      for (const args of [["--input-type=module"], ["--input-type=module", "-"], ["--input-type", "module"]]) {
        expect(await works([wasm, ...args], { input: program })).toEqual([wasm])
      }
    })

    test("that is evaluated and has options of its threads, its engine and its process", async () => {
      const kept = [
        "--require",
        file("hook.cjs"),
        "--enable-source-maps",
        "--stack-trace-limit=20",
        "--no-warnings",
        wasm,
      ]
      expect(await works([...kept, "--input-type=module", "-e", program])).toEqual(kept)
    })

    test("that is profiled, or that an inspector may ask", async () => {
      const profiles = ["--cpu-prof", "--cpu-prof-dir", file("profiles")]
      expect(await works([wasm, ...profiles, file("main.mjs")])).toEqual([wasm])
      // One process has written them: CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile
      expect(new Set(readdirSync(file("profiles")).map((name) => name.split(".")[3])).size).toBe(1)
      for (const args of [["--inspect-port", "0"], ["--inspect=127.0.0.1:0"], ["--title", "a program"]]) {
        expect(await works([wasm, ...args, file("main.mjs")])).toEqual([wasm])
      }
      expect(await works([wasm, file("main.mjs")], { env: { NODE_OPTIONS: "--inspect=127.0.0.1:0" } })).toEqual([wasm])
    })

    test("that is a test", async () => {
      for (const isolation of [[], ["--test-isolation=none", "--test-name-pattern", "x"]]) {
        const { lines, errors } = await start([wasm, "--test", "--test-reporter=tap", ...isolation, file("main.mjs")])
        const said = [...lines, ...errors.split("\n")].join("\n")
        expect(said).not.toContain("started again")
      }
    })

    test("with modules that are loaded first, named by where the program was started", async () => {
      for (const option of ["--require", "--import"]) {
        const hook = option === "--import" ? "./hook.mjs" : "./hook.cjs"
        expect(await works([wasm, option, hook, file("main.mjs")], { at: folder })).toEqual([wasm, option, hook])
      }
    })
  })
}
