import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { launch, type Runtime } from "../../../../scripts/runtimes.ts"

/** A runtime of the workspace could not be started. */
export class RuntimeStartError extends Data.TaggedError("RuntimeStartError")<{
  readonly runtime: Runtime
  readonly message: string
  readonly cause: unknown
}> {}

/** The end of the demo on another runtime. */
export interface Ended {
  readonly exitCode: number
  /** Its output on stdout; empty where stdout was passed on. */
  readonly stdout: string
}

/** The place for its output: `pipe` collects it, a number passes it on to that descriptor of this process. */
export interface Output {
  readonly stdout: "pipe" | 1
  readonly stderr: 1 | 2
}

/** Longer than any single statement of the demo: after this a child that was asked to stop is killed. */
const stopWithinMs = 20_000

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** Asks the child to stop, waits until it has, and returns only when it is gone. */
const stop = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const { pid } = child
    if (pid === undefined || !isRunning(child)) return resume(Effect.void)
    const kill = setTimeout(() => process.kill(pid, "SIGKILL"), stopWithinMs)
    child.once("exit", () => {
      clearTimeout(kill)
      resume(Effect.void)
    })
    process.kill(pid, "SIGTERM")
  })

const start = (
  runtime: Runtime,
  args: ReadonlyArray<string>,
  output: Output,
): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const { executable, args: before } = launch(runtime)
      const program = fileURLToPath(new URL("./main.ts", import.meta.url))
      return spawn(executable, [...before, program, ...args], { stdio: ["ignore", output.stdout, output.stderr] })
    }),
    stop,
  )

/**
 * Runs this demo in a process of its own on `runtime`, which came as an npm package. When interrupted it stops the process
 * and waits until it is gone.
 */
export const runElsewhere = (
  runtime: Runtime,
  args: ReadonlyArray<string>,
  output: Output,
): Effect.Effect<Ended, RuntimeStartError> =>
  Effect.scoped(
    Effect.flatMap(start(runtime, args, output), (child) =>
      Effect.async<Ended, RuntimeStartError>((resume) => {
        const chunks: Array<Buffer> = []
        child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk))
        child.once("error", (cause) =>
          resume(
            Effect.fail(
              new RuntimeStartError({
                runtime,
                message: `Cannot start ${runtime} at ${child.spawnfile}: ${cause.message}. Run \`npx pnpm@12 install\`.`,
                cause,
              }),
            ),
          ),
        )
        child.once("close", (code, signal) => {
          const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal]
          resume(Effect.succeed({ exitCode, stdout: Buffer.concat(chunks).toString("utf8") }))
        })
      }),
    ),
  )
