import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** Turborepo's report of a task, before and after a run. */
export interface Task {
  /** `package#task`, and `//#task` for a task of the root. */
  readonly taskId: string
  readonly task: string
  readonly package: string
  /** The package's folder, relative to the root. */
  readonly directory: string
  /** The script, or `<NONEXISTENT>` where the package has none of this name. */
  readonly command: string
  /** Files that the task leaves, relative to the package's folder: for a task that tests, vitest's JSON report. */
  readonly outputs: ReadonlyArray<string> | null
  /** Relative to the root. */
  readonly logFile: string
  readonly cache: { readonly status: "HIT" | "MISS" }
  /** Only after a run, and only if the task ran or was restored from the cache. */
  readonly execution?: { readonly exitCode: number | null; readonly error?: string }
}

/** True if the package has a script for the task. */
export const isReal = (task: Task): boolean => task.command !== "<NONEXISTENT>"

const turbo = join(dirname(createRequire(import.meta.url).resolve("turbo/package.json")), "bin", "turbo")
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }

/** The tasks that a run would have, with their state in the cache. */
export const plan = (root: string, tasks: ReadonlyArray<string>): ReadonlyArray<Task> => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [turbo, "run", ...tasks, "--dry=json"], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`turbo cannot plan ${tasks.join(", ")}:\n${stdout}${stderr}`)
  return JSON.parse(stdout).tasks
}

/** A run under way. */
export interface Run {
  readonly process: ChildProcess
  /** The tasks with what became of them; fails where Turborepo itself failed and left no summary. */
  readonly tasks: Promise<ReadonlyArray<Task>>
}

const newestSummary = (folder: string, since: number): string | undefined => {
  let names: ReadonlyArray<string>
  try {
    names = readdirSync(folder)
  } catch {
    return undefined // no run has been summarized here yet
  }
  const summaries = names
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
    .filter(({ time }) => time >= since)
  return summaries.sort((a, b) => b.time - a.time)[0]?.path
}

/** Runs tasks, going on with what does not depend on a failed one. */
export const start = (
  root: string,
  tasks: ReadonlyArray<string>,
  options: { readonly concurrency: number; readonly env: Readonly<Record<string, string>> },
): Run => {
  const since = Date.now()
  const child = spawn(
    process.execPath,
    [
      turbo,
      "run",
      ...tasks,
      "--continue=dependencies-successful",
      "--output-logs=new-only",
      `--concurrency=${options.concurrency}`,
      "--summarize",
    ],
    // Nothing reads the terminal: a task that did would stop a run that has none.
    { cwd: root, env: { ...env, ...options.env }, stdio: ["ignore", "inherit", "inherit"] },
  )
  const finished = once(child, "close").then(([code, signal]) => {
    const summary = newestSummary(join(root, ".turbo", "runs"), since)
    if (summary === undefined) throw new Error(`turbo ended with ${code ?? signal} and left no summary of its run.`)
    return JSON.parse(readFileSync(summary, "utf8")).tasks
  })
  return { process: child, tasks: finished }
}
