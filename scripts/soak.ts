/**
 * Soaks the runtime package: everything that takes threads, tokens or handles, in random order, interrupted and crashed;
 * then counts what is left. Exits with 1 if anything is, and with 2 if an option makes no sense.
 *
 *     npx pnpm@12 soak [--seconds 60] [--runtime node|bun|deno|all] [--seed N]
 *
 * Each runtime prints a line of JSON with its seed, which makes it do the same again.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { isRuntime, launch, runtimes } from "./runtimes.ts"

const refuse = (problem: string): never => {
  console.error(`${problem}\nusage: soak [--seconds N] [--runtime ${runtimes.join("|")}|all] [--seed N]`)
  process.exit(2)
}
const parse = () => {
  try {
    return parseArgs({
      options: { seconds: { type: "string" }, seed: { type: "string" }, runtime: { type: "string", default: "all" } },
    }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
}
const { runtime, ...rest } = parse()
if (runtime !== "all" && !isRuntime(runtime)) refuse(`--runtime ${runtime}: it is one of ${runtimes.join(", ")}, all`)
if (rest.seconds !== undefined && !(Number(rest.seconds) > 0 && Number(rest.seconds) <= 86_400)) {
  refuse(`--seconds ${rest.seconds}: it is a number above 0, a day at most`)
}
if (rest.seed !== undefined && !/^\d+$/.test(rest.seed)) refuse(`--seed ${rest.seed}: it is an integer of 0 or more`)
const folder = join(import.meta.dirname, "..", "packages", "runtime")
const options = Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
let failed = false
for (const chosen of isRuntime(runtime) ? [runtime] : runtimes) {
  const { executable, args } = launch(chosen)
  console.log(`${chosen}:`)
  const program = join("test", "soak", "main.ts")
  const { status, signal, error } = spawnSync(executable, [...args, program, ...options], {
    cwd: folder,
    stdio: "inherit",
  })
  if (status !== 0) failed = true
  if (status === null) console.error(`${chosen}: ${error?.message ?? `ended by ${signal}`}`)
}
process.exitCode = failed ? 1 : 0
