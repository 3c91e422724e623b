import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, test } from "vitest"
import { gone } from "./process.world.ts"

const programs = new URL("./fixtures/programs/", import.meta.url)

// On Deno with no more than it needs, and with what the program needs for its file.
const denoFlags = [
  "run",
  "--allow-run",
  "--allow-read",
  "--allow-env",
  `--allow-write=${tmpdir()}`,
  "--node-modules-dir=manual",
]

const folder = mkdtempSync(join(tmpdir(), "offloop-exit-"))
let files = 0

afterAll(() => rmSync(folder, { recursive: true }))

/** Starts a program on the runtime that runs this test. */
const start = (how: string, name = "processes.ts") => {
  const program = fileURLToPath(new URL(name, programs))
  const flags = "Deno" in globalThis ? denoFlags : []
  const child: ChildProcess = spawn(process.execPath, [...flags, program, how, join(folder, `${++files}`)], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  })
  let output = ""
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text
  })
  return {
    child,
    output: () => output,
    ended: once(child, "close").then(([code, signal]) => code ?? signal),
    pids: () => [...new Set([...output.matchAll(/(?:busy|idle) (\d+)/g)].map(([, pid]) => Number(pid)))],
  }
}

const allGone = (pids: ReadonlyArray<number>) => Effect.runPromise(Effect.forEach(pids, gone, { discard: true }))

describe("when a program with processes", () => {
  test("is done, it ends by itself, and they with it", async () => {
    const { ended, output, pids } = start("end")
    expect(await ended).toBe(0)
    expect(output()).toMatch(/done busy\nend\n$/)
    expect(pids()).toHaveLength(2)
    await allGone(pids())
  })

  test("exits while one is busy, none is left", async () => {
    const { ended, pids } = start("exit")
    expect(await ended).toBe(3)
    expect(pids()).toHaveLength(2)
    await allGone(pids())
  })

  test("is killed while one is busy, none is left when its task has ended", async () => {
    const { child, ended, output, pids } = start("wait")
    while (!output().includes("end\n")) await once(child.stdout as NodeJS.ReadableStream, "data")
    child.kill("SIGKILL")
    expect(await ended).toBe("SIGKILL")
    expect(pids()).toHaveLength(2)
    await allGone(pids())
  })
  test("is killed while one is starting, that one ends as soon as it is there", async () => {
    const { ended, pids } = start("", "orphan.ts")
    expect(await ended).toBe("SIGKILL")
    expect(pids()).toHaveLength(1)
    await allGone(pids())
  })
})
