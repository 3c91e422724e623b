import "@offloop/driver-pg"
import "@offloop/driver-sqlite"
import * as Effect from "effect/Effect"
import { currentRuntime } from "../process/current-runtime.ts"
import { runMain } from "../process/run-main.ts"
import { Screen } from "../terminal/screen.ts"
import { demo } from "./demo.ts"
import { type DemoOptions, help, parseOptions } from "./options.ts"
import { runAll } from "./run-all.ts"
import { runElsewhere } from "./run-elsewhere.ts"

/** The options for a run in another process, which is told its runtime by being run on it. */
const forwarded = ({ database, rows, json }: DemoOptions): ReadonlyArray<string> => [
  ...(database === undefined ? [] : ["--database", database]),
  ...(rows === undefined ? [] : ["--rows", String(rows)]),
  ...(json ? ["--json"] : []),
]

const printJson = (value: unknown) => Effect.sync(() => void process.stdout.write(`${JSON.stringify(value)}\n`))

const runHere = (options: DemoOptions) =>
  Effect.gen(function* () {
    const result = yield* demo(options)
    if (options.json) yield* printJson(result)
    return 0
  })

const runAllOfThem = (options: DemoOptions) =>
  Effect.gen(function* () {
    const { results, exitCode } = yield* runAll(forwarded({ ...options, json: false }))
    if (options.json) yield* printJson(results)
    return exitCode
  })

const run = (options: DemoOptions) =>
  Effect.gen(function* () {
    const { runtime = currentRuntime } = options
    if (runtime === "all") return yield* runAllOfThem(options)
    if (runtime === currentRuntime) return yield* runHere(options)
    return (yield* runElsewhere(runtime, forwarded(options), { stdout: 1, stderr: 2 })).exitCode
  })

const tell = (exitCode: number, message: string) =>
  Effect.sync(() => {
    process.stderr.write(`${message}\n`)
    return exitCode
  })

const program = Effect.gen(function* () {
  const options = yield* parseOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(`${help}\n`)
    return 0
  }
  return yield* run(options).pipe(Effect.provide(Screen.layer(options.json ? process.stderr : process.stdout)))
}).pipe(
  Effect.catchTag("UsageError", ({ message }) => tell(2, message)),
  Effect.catchAll((error) => tell(1, `${error._tag}: ${error.message}`)),
)

runMain(program)
