/**
 * The test command: everything that must hold, and the sum of it as its last line.
 *
 *     npx pnpm@12 test [--runtime node|bun|deno]… [--node path]
 *
 * Without options: format and lint, types, dependency direction, tests on every runtime with a real PostgreSQL server,
 * and checks of the packed packages. With `--runtime`, only the tests of the runtimes that are named. `--node` is a
 * Node executable to test on, instead of the pinned one.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, constants } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { hostPostgres, type PostgresServer } from "./postgres.ts"
import { checkOutcome, line, type Outcome, render, testOutcome } from "./report.ts"
import { isRuntime, type Runtime, runtimes } from "./runtimes.ts"
import { isReal, plan, start, type Task } from "./turbo.ts"

const root = join(import.meta.dirname, "..")

interface Options {
  readonly runtimes: ReadonlyArray<Runtime>
  readonly everything: boolean
  readonly node: string | undefined
}

const usage = "npx pnpm@12 test [--runtime node|bun|deno]… [--node path]"

const options = (): Options => {
  const { values } = parseArgs({
    options: { runtime: { type: "string", multiple: true }, node: { type: "string" } },
  })
  const chosen = (values.runtime ?? []).map((name) => {
    if (!isRuntime(name)) throw new Error(`--runtime ${name}: it is one of ${runtimes.join(", ")}. Usage: ${usage}`)
    return name
  })
  if (values.node !== undefined && !existsSync(values.node)) {
    throw new Error(`--node ${values.node}: no such file. Usage: ${usage}`)
  }
  return { runtimes: chosen.length > 0 ? chosen : runtimes, everything: chosen.length === 0, node: values.node }
}

const tests = "test:"
const isTest = (task: Task): boolean => task.task.startsWith(tests)
const reportOf = (task: Task): string => {
  const [report] = task.outputs ?? []
  if (report === undefined) throw new Error(`turbo.json names no report as the output of ${task.task}.`)
  return join(root, task.directory, report)
}

/** A published package must have tests for every runtime: for it, a missing script is a failure and not a choice. */
const counts = (task: Task): boolean => isReal(task) || (isTest(task) && task.directory.startsWith("packages/"))

const ended = (task: Task): string | undefined => {
  if (!isReal(task)) return `${task.directory}/package.json has no script ${task.task}.`
  if (task.execution === undefined) return "It did not run, because a task that it depends on failed."
  if (task.execution.exitCode === 0) return undefined
  return `${task.command} ended with ${task.execution.exitCode}.`
}

/** The output of a task, which for a check is all that tells its faults. */
const logOf = (task: Task): string => {
  const file = join(root, task.logFile)
  return existsSync(file) ? readFileSync(file, "utf8").trim() : ""
}

const outcome = (task: Task): Outcome => {
  const row = task.package === "//" ? "repository" : task.package
  const failed = ended(task)
  if (!isTest(task)) return checkOutcome(row, task.task, failed && `${failed}\n${logOf(task)}`)
  const file = reportOf(task)
  const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined
  const column = task.task.slice(tests.length)
  const end = logOf(task).split("\n").slice(-12).join("\n")
  return testOutcome(
    row,
    isRuntime(column) ? column : "node",
    report,
    failed && `${failed} Its output is in ${task.logFile} and ends with:\n${end}`,
  )
}

const main = async (): Promise<number> => {
  const chosen = options()
  if (chosen.node !== undefined) process.env.OFFLOOP_NODE = chosen.node
  const tasks = [
    ...(chosen.everything ? ["lint", "check", "check:scripts", "test:repository", "test:packages"] : []),
    ...chosen.runtimes.map((runtime) => `${tests}${runtime}`),
  ]
  const planned = plan(root, tasks)
  // Reports of an earlier run must not be counted: a task that is not run again gets its own from the cache.
  for (const task of planned.filter(isTest)) rmSync(reportOf(task), { force: true })

  let server: PostgresServer | undefined
  let interruptedBy: NodeJS.Signals | undefined
  let forward = (_: NodeJS.Signals): void => {}
  const interrupt = (signal: NodeJS.Signals): void => {
    interruptedBy ??= signal
    forward(signal)
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt)
  // A package manager that is ended does not always end what it runs.
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    interrupt("SIGTERM")
  }, 500).unref()
  try {
    const env: Record<string, string> = {}
    if (planned.some((task) => isTest(task) && isReal(task) && task.cache.status === "MISS")) {
      server = process.env.DATABASE_URL ? undefined : await hostPostgres()
      env.OFFLOOP_TEST_PG_URL = server?.url ?? process.env.DATABASE_URL ?? ""
    }
    if (interruptedBy !== undefined) return 128 + constants.signals[interruptedBy]
    // Tests mostly wait, for threads and servers to start, so there are as many tasks at a time as there are cores.
    const run = start(root, tasks, { concurrency: availableParallelism(), env })
    forward = (signal) => run.process.kill(signal)
    const done = await run.tasks
    if (interruptedBy !== undefined) return 128 + constants.signals[interruptedBy]
    const outcomes = done.filter(counts).map(outcome)
    console.log(`\n${render(outcomes, ["checks", ...runtimes])}`)
    return outcomes.some(({ failed }) => failed > 0) ? 1 : 0
  } finally {
    await server?.stop()
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  console.log(line({ passed: 0, failed: 1, skipped: 0 }))
  return 1
})
