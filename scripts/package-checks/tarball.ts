import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { basename, join } from "node:path"

/** The root of the repository. */
export const root = join(import.meta.dirname, "..", "..")

/** The published packages, by folder, in the order in which they depend on each other. */
export const folders = ["runtime", "orm-async", "driver-sqlite", "driver-pg"] as const

/** A published package as `pnpm publish` would send it. */
export interface Tarball {
  readonly name: string
  readonly path: string
  readonly data: Uint8Array<ArrayBuffer>
}

/** Runs a program to its end. Fails with all that it wrote when it fails, or when it has not ended after four minutes. */
export const run = (command: string, args: ReadonlyArray<string>, cwd: string): string => {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: 240_000,
  })
  if (error !== undefined) throw error
  if (status !== 0) {
    throw new Error(
      `${basename(command)} ${args.join(" ")} in ${cwd} ended with ${status ?? signal}\n${stdout}${stderr}`,
    )
  }
  return stdout
}

/** Runs pnpm: the one that runs this script, where one does. */
export const pnpm = (args: ReadonlyArray<string>, cwd: string): string =>
  run(process.env.npm_execpath ?? "pnpm", args, cwd)

/** Packs a package, which has been built, into the folder `destination`. */
export const pack = (folder: (typeof folders)[number], destination: string): Tarball => {
  const { filename } = JSON.parse(
    pnpm(["pack", "--json", "--pack-destination", destination], join(root, "packages", folder)),
  )
  return { name: `@offloop/${folder}`, path: filename, data: new Uint8Array(readFileSync(filename)) }
}
