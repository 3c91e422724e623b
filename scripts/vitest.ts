/**
 * Runs the tests of the package in the current folder on one runtime.
 *
 *     node ../../scripts/vitest.ts <node|bun|deno> [vitest arguments]
 *
 * Without arguments it runs all tests and leaves vitest's JSON report in `.reports/<runtime>.json`, from which the test
 * command counts. With arguments (a file, `-t name`) it is for the developer's eyes and leaves no report.
 */
import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { isRuntime, launch, runtimes } from "./runtimes.ts"

const [runtime, ...rest] = process.argv.slice(2)
if (!isRuntime(runtime)) {
  console.error(`usage: node scripts/vitest.ts <${runtimes.join("|")}> [vitest arguments], in a package's folder`)
  process.exit(2)
}

const report = join(".reports", `${runtime}.json`)
if (rest.length === 0) rmSync(report, { force: true })
const reporting = rest.length === 0 ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : []

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")
const { executable, args } = launch(runtime)
const child = spawn(executable, [...args, vitest, "run", ...reporting, ...rest], { stdio: "inherit" })

// A worker that never ends would keep the whole test command: nothing here takes a quarter of this on a slow machine.
const minutes = 15
const limit = setTimeout(() => {
  console.error(`The tests did not end within ${minutes} minutes: they are ended.`)
  child.kill("SIGKILL")
}, minutes * 60_000)

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal))
child.on("error", (error) => {
  console.error(`Cannot start ${runtime} at ${executable}: ${error.message}. Run \`npx pnpm@12 install\`.`)
  process.exit(1)
})
child.on("exit", (code, signal) => {
  clearTimeout(limit)
  if (signal !== null) console.error(`${runtime} was ended by ${signal}`)
  process.exit(code ?? 1)
})
