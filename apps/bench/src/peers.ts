/** The peers: a package of their own beside this one, with a lockfile of its own, installed by the first run. */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { load } from "../peers/load.mjs"

const folder = new URL("../peers/", import.meta.url)
const file = (path: string): URL => new URL(path, folder)

/** Written after an install that worked: a change of what is asked for makes the next run install again. */
const stamp = file("node_modules/.bench-installed")

const fingerprint = (): string => {
  const hash = createHash("sha256")
  for (const name of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(file(name)))
  return hash.digest("hex")
}

export const areInstalled = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint()

/** pnpm itself where it runs this program, else the version that the repository names. */
const pnpm = (): readonly [command: string, ...args: ReadonlyArray<string>] => {
  const runner = process.env.npm_execpath ?? ""
  if (/pnpm[^/\\]*$/.test(runner)) return /\.[cm]?js$/.test(runner) ? [process.execPath, runner] : [runner]
  const root = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"))
  return [process.platform === "win32" ? "npx.cmd" : "npx", "--yes", root.packageManager]
}

/**
 * Installs the peers.
 *
 * @returns why it did not work, or undefined when it did. sqlite3 is compiled where no binary can be had, for minutes.
 */
export const install = async (signal: AbortSignal): Promise<string | undefined> => {
  const [command, ...args] = pnpm()
  const child = spawn(command, [...args, "install", "--frozen-lockfile"], {
    cwd: fileURLToPath(folder),
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
    signal,
  })
  let printed = ""
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", (text) => {
      printed = (printed + text).slice(-2_000)
    })
  try {
    const [code] = await once(child, "close")
    if (code !== 0)
      return `"${command} install" ended with code ${code}: ${printed.trim().split("\n").slice(-4).join(" | ")}`
  } catch (cause) {
    return `"${command} install" did not run: ${cause instanceof Error ? cause.message : String(cause)}`
  }
  writeFileSync(stamp, fingerprint())
  return undefined
}

/** The version of a peer that is installed; undefined when it is not there. */
export const versionOf = (name: string): string | undefined => {
  const manifest = file(`node_modules/${name}/package.json`)
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : undefined
}

/** Every package that the peers' manifest names. */
export const names = (): ReadonlyArray<string> => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(file("package.json"), "utf8"))
  return Object.keys({ ...dependencies, ...optionalDependencies })
}

/**
 * A peer's module. Its type is what the caller uses of it: peers are not there when this package is type-checked.
 */
export const peer = async <Module>(specifier: string): Promise<Module> => (await load(specifier)) as Module
