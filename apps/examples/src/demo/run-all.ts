import * as Effect from "effect/Effect"
import { type Runtime, runtimes } from "../../../../scripts/runtimes.ts"
import { Screen } from "../terminal/screen.ts"
import { drawTable } from "../terminal/table.ts"
import { type DemoResult, parseDemoResult } from "./result.ts"
import { runElsewhere } from "./run-elsewhere.ts"

const placements = ["inline", "worker"] as const

const rowsOf = (result: DemoResult) =>
  placements.map((placement) => ({
    runtime: result.runtime,
    "load (ms)": Math.round(result.loadMs),
    placement,
    "loop delay p50 (ms)": result.loopDelayMs[placement].p50.toFixed(1),
    "p99 (ms)": result.loopDelayMs[placement].p99.toFixed(1),
    "max (ms)": result.loopDelayMs[placement].max.toFixed(1),
    "small queries/s": Math.round(result.queriesPerSecond[placement]),
  }))

/** The outcome of a run: its facts, or the code that it failed with. */
type Ended = { readonly runtime: Runtime; readonly exitCode: number; readonly result: DemoResult | undefined }

const runOn = (runtime: Runtime, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    yield* screen.heading(`=== ${runtime} ===`)
    // With --json a run prints its facts on stdout and what is for people on stderr.
    const stderr = screen.stream === process.stderr ? 2 : 1
    const { exitCode, stdout } = yield* runElsewhere(runtime, [...args, "--json"], { stdout: "pipe", stderr })
    if (exitCode !== 0) return { runtime, exitCode, result: undefined }
    return { runtime, exitCode, result: yield* parseDemoResult(stdout) }
  })

/**
 * Runs the demo on each runtime, one after the other, and compares them. A runtime that fails does not stop the others.
 * Returns the facts of those that succeeded and the first exit code that is not 0.
 */
export const runAll = (args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const ended: ReadonlyArray<Ended> = yield* Effect.forEach(runtimes, (runtime) => runOn(runtime, args))
    const results = ended.flatMap(({ result }) => (result === undefined ? [] : [result]))
    yield* screen.heading("All runtimes")
    yield* screen.print(drawTable(results.flatMap(rowsOf)))
    const failed = ended.filter(({ exitCode }) => exitCode !== 0)
    for (const { runtime, exitCode } of failed) yield* screen.print(`${runtime} failed with exit code ${exitCode}.`)
    return { results, exitCode: failed[0]?.exitCode ?? 0 }
  })
