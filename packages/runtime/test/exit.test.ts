import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

/** Runs a program on the runtime that runs this test, and gives its output when it has ended by itself. */
const run = (
  name: string,
  ...args: ReadonlyArray<string>
): Promise<{ lines: string[]; code: unknown; errors: string }> => {
  const program = fileURLToPath(new URL(`./fixtures/programs/${name}.ts`, import.meta.url))
  const flags = "Deno" in globalThis ? ["run", "-A", "--unstable-worker-options", "--node-modules-dir=manual"] : []
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  return new Promise((resolve) => {
    // Far above what it needs: only a program that would never end is ended.
    execFile(process.execPath, [...flags, program, ...args], { cwd, timeout: 45_000 }, (error, stdout, errors) => {
      resolve({ lines: stdout.trim().split("\n"), code: error === null ? 0 : (error.code ?? error.signal), errors })
    })
  })
}

describe("a program", () => {
  test("ends by itself when its scopes have closed", async () => {
    expect(await run("scoped")).toMatchObject({ lines: ["sum 2", "end"], code: 0 })
  })

  test("ends by itself when it is done, though residents, a pool and a monitor are still open", async () => {
    expect(await run("idle")).toMatchObject({ lines: ["blocking 2", "async 2", "pool 3", "end"], code: 0 })
  })

  test("ends by itself when it is done, though it has used the pool of the Promise API", async () => {
    expect(await run("promise")).toMatchObject({ lines: ["sum 3", "chunk 8", "end"], code: 0 })
  })

  test("ends by itself when it is done, though a portal, a pool that streamed, a monitor and a guard are still open", async () => {
    expect(await run("open")).toMatchObject({ lines: ["resident 2", "stream 0,1", "end"], code: 0 })
  })

  test("ends by itself when it is done, though it has left streams half-read, of threads and of a process", async () => {
    const lines = ["blocking read", "async read", "worker read", "process read", "end"]
    expect(await run("half-read")).toMatchObject({ lines, code: 0 })
  })

  test("does not end while a call is pending", async () => {
    expect(await run("pending")).toMatchObject({ lines: ["answered 2"], code: 0 })
  })

  test("ends by itself when its pool of workers of @effect/platform has closed", async () => {
    expect(await run("platform-pool")).toMatchObject({ lines: ["thread", "end"], code: 0 })
  })

  test("ends by itself with a pool that has replaced threads and terminated one, open or closed", async () => {
    expect(await run("pool")).toMatchObject({ lines: ["done", "end"], code: 0 })
    expect(await run("pool", "close")).toMatchObject({ lines: ["done", "end"], code: 0 })
  })

  const permissions = "Deno" in globalThis ? test : () => {}
  permissions("of Deno narrows what its threads may do, and ends by itself, open or closed", async () => {
    for (const how of ["open", "close"]) {
      const { lines, code } = await run("permissions", how)
      expect(code).toBe(0)
      expect(lines.map((line) => line.replace(/file:.*#(\w+)/, "$1"))).toEqual([
        "read inside: yes",
        expect.stringMatching(/^read outside: TaskError: read failed: NotCapable/),
        expect.stringMatching(/^environment: TaskError: environment failed: NotCapable/),
        expect.stringMatching(/^exit: WorkerCrashedError: .*"sandbox-1".*exit code 3/),
        expect.stringMatching(/^uncaught: WorkerCrashedError: .*"sandbox-async-1".*TypeError: boom/),
        "after: yes",
        "end",
      ])
    }
  })
})
