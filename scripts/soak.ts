/**
 * Soaks the runtime package: everything that takes threads, tokens or handles, in random order, interrupted and crashed;
 * then counts what is left. Exits with 1 if anything is.
 *
 *     npx pnpm@12 soak [--seconds 60] [--runtime node|bun|deno|all] [--seed N]
 *
 * Each runtime prints a line of JSON with its seed, which makes it do the same again.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { isRuntime, launch, runtimes } from "./runtimes.ts"

const { values } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" }, runtime: { type: "string", default: "all" } },
})
const { runtime, ...rest } = values
if (runtime !== "all" && !isRuntime(runtime)) {
  console.error(`--runtime ${runtime}: it is one of ${runtimes.join(", ")}, all`)
  process.exit(2)
}
const folder = join(import.meta.dirname, "..", "packages", "runtime")
const options = Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
let failed = false
for (const chosen of runtime === "all" ? runtimes : [runtime]) {
  const { executable, args } = launch(chosen)
  console.log(`${chosen}:`)
  const program = join("test", "soak", "main.ts")
  const { status } = spawnSync(executable, [...args, program, ...options], { cwd: folder, stdio: "inherit" })
  if (status !== 0) failed = true
}
process.exitCode = failed ? 1 : 0
