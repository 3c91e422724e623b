import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { serverUrl } from "./server.ts"

/** Runs the program on the runtime that runs this test, and gives its output when it has ended by itself. */
const run = (
  ...args: ReadonlyArray<string>
): Promise<{ lines: ReadonlyArray<string>; code: unknown; errors: string }> => {
  const program = fileURLToPath(new URL("./programs/query.ts", import.meta.url))
  const flags = "Deno" in globalThis ? ["run", "-A", "--node-modules-dir=manual"] : []
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  return new Promise((resolve) => {
    // Far above what it needs: only a program that would never end is ended.
    execFile(process.execPath, [...flags, program, ...args], { cwd, timeout: 45_000 }, (error, stdout, errors) => {
      resolve({ lines: stdout.trim().split("\n"), code: error === null ? 0 : (error.code ?? error.signal), errors })
    })
  })
}

describe.each(["worker", "inline"])("a program with connections in the placement %s", (placement) => {
  it.each(["closed", "open"])(
    "ends by itself when it is done and its connections are %s, and has loaded no Effect",
    async (end) => {
      const outcome = await run(serverUrl(), placement, end)
      expect(outcome, outcome.errors).toMatchObject({
        lines: ["answer 42", "answer 42", "without Effect", "done"],
        code: 0,
      })
    },
  )
})
