/** The machine and the versions that the figures rest on. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os"
import { launch } from "../../../scripts/runtimes.ts"
import type { Machine, Runtime } from "./model.ts"
import * as Peers from "./peers.ts"

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  os: `${type()} ${release()} ${process.arch}`,
  loadAtStart: Math.round(loadavg()[0]! * 100) / 100,
})

const own = ["runtime", "orm-async", "driver-sqlite", "driver-pg"]

const manifest = (path: string): { readonly version: string } =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"))

export const versions = (runtimes: ReadonlyArray<Runtime>): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  for (const runtime of runtimes) {
    const { executable } = launch(runtime)
    const said = execFileSync(executable, ["--version"], { encoding: "utf8" })
    found[runtime] = /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? said.trim()
  }
  for (const name of own) found[`@offloop/${name}`] = manifest(`../../../packages/${name}/package.json`).version
  for (const name of Peers.names()) {
    const version = Peers.versionOf(name)
    if (version !== undefined) found[name] = version
  }
  return found
}
