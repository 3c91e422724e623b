/** Runs a program to its end, in an empty folder of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { launch, type Runtime } from "../../../../scripts/runtimes.ts"

export interface Ended {
  readonly code: number | null
  readonly printed: string
  readonly errors: string
  /** The files that it left in its folder. */
  readonly files: ReadonlyArray<string>
}

export const runProgram = async (
  runtime: Runtime,
  program: URL,
  args: ReadonlyArray<string> = [],
  prepare: (folder: string) => void = () => undefined,
): Promise<Ended> => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-program-"))
  try {
    prepare(folder)
    const { executable, args: before } = launch(runtime)
    const child = spawn(executable, [...before, fileURLToPath(program), ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    })
    let printed = ""
    let errors = ""
    child.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text
    })
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text
    })
    const [code] = await once(child, "close")
    return { code, printed, errors, files: readdirSync(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
