import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { launch } from "../runtimes.ts"

const exe = process.platform === "win32" ? ".exe" : ""
const node22 = join(dirname(createRequire(import.meta.url).resolve("node-22/package.json")), "bin", `node${exe}`)

/** The executables that a newcomer may have, by the name of what is run on them. */
export const machines = {
  "Node 22": { node: node22 },
  "Node 24": { node: launch("node").executable },
  Bun: { bun: launch("bun").executable },
  Deno: { deno: launch("deno").executable },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

export type Machine = keyof typeof machines

/** The command that runs a file there, where a document shows none. */
export const usualRun = (machine: Machine, file: string): string =>
  ({ "Node 22": `node ${file}`, "Node 24": `node ${file}`, Bun: `bun ${file}`, Deno: `deno run -A ${file}` })[machine]

/** A folder in which somebody does what a document says. */
export interface Newcomer {
  readonly folder: string
  readonly write: (files: Readonly<Record<string, string>>, folder?: string) => void
  /** Does one line of a shell, without a shell, and gives the lines that it printed. Fails with all that it wrote. */
  readonly say: (line: string, machine?: Machine, folder?: string) => Promise<ReadonlyArray<string>>
  readonly remove: () => void
}

/**
 * Empty caches for package managers: one version in development is not always the same package, and some managers keep it by
 * its version alone.
 */
export const makeCaches = (): { readonly env: Readonly<Record<string, string>>; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-caches-"))
  return {
    env: {
      npm_config_cache: join(folder, "npm"),
      BUN_INSTALL_CACHE_DIR: join(folder, "bun"),
      DENO_DIR: join(folder, "deno"),
      XDG_CACHE_HOME: join(folder, "other"),
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
}

/** Makes the folder as `npm init -y` does where it says `"type": "commonjs"`. */
export const newcomer = async (registry: string, caches: Readonly<Record<string, string>>): Promise<Newcomer> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "offloop-newcomer-")))
  const say: Newcomer["say"] = async (line, machine = "Node 24", own = ".") => {
    const [command = "", ...args] = line.split(" ")
    const executables: Readonly<Record<string, string | undefined>> = {
      pnpm: process.env.npm_execpath,
      bun: launch("bun").executable,
      deno: launch("deno").executable,
      ...machines[machine],
    }
    const node = dirname(machine === "Node 22" ? node22 : launch("node").executable)
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyArray<string>>()
    execFile(
      executables[command] ?? command,
      args,
      {
        cwd: join(folder, own),
        encoding: "utf8",
        timeout: 120_000,
        env: { ...process.env, ...caches, PATH: `${node}${delimiter}${process.env.PATH}`, NO_COLOR: "1" },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trimEnd() === "" ? [] : stdout.trimEnd().split("\n"))
        else reject(new Error(`${line} on ${machine}: ${error.signal ?? error.code}\n${stdout}${stderr}`))
      },
    )
    return promise
  }
  const write: Newcomer["write"] = (files, own = ".") => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, own, file)), { recursive: true })
      writeFileSync(join(folder, own, file), content)
    }
  }
  write({ ".npmrc": `@offloop:registry=${registry}\n` })
  await say("npm init -y")
  await say("npm pkg set type=commonjs")
  return { folder, write, say, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) }
}
