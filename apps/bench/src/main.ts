/** `npx pnpm@12 bench`: see {@link help}. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { help, type Options, parse } from "./cli.ts"
import { suiteList } from "./report/text.ts"
import { run } from "./run.ts"
import { suites } from "./suites/index.ts"

/** With the report on the standard output, everything else goes to the other one. */
const printer = (json: string | undefined) => (json === "-" ? console.error : console.log)

const measure = async (options: Options): Promise<number> => {
  const interrupted = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => interrupted.abort(new Error(`Ended by ${signal}`)))
  // A reader of the figures may stop reading, as `head` does.
  process.stdout.once("error", () => interrupted.abort(new Error("Ended with its output")))
  try {
    // Before anything is measured, so that half an hour of figures is not lost to a folder that cannot be made.
    if (options.json !== undefined && options.json !== "-") mkdirSync(dirname(options.json), { recursive: true })
    const { report, failed } = await run(options, printer(options.json), interrupted.signal)
    const text = `${JSON.stringify(report, null, 2)}\n`
    if (options.json === "-") process.stdout.write(text)
    else if (options.json !== undefined) writeFileSync(options.json, text)
    return failed ? 1 : 0
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : String(cause))
    return interrupted.signal.aborted ? 130 : 1
  }
}

const command = parse(process.argv.slice(2), suites)
switch (command.do) {
  case "help":
    console.log(help)
    break
  case "list":
    console.log(suiteList(suites))
    break
  case "refuse":
    console.error(`${command.message}\n\n${help}`)
    process.exitCode = 2
    break
  case "run":
    process.exitCode = await measure(command.options)
}
