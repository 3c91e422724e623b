/** The command line. Pure. */
import { parseArgs } from "node:util"
import { isRuntime, type Runtime, runtimes } from "../../../scripts/runtimes.ts"
import type { Suite } from "./suite.ts"

export interface Options {
  readonly suites: ReadonlyArray<Suite>
  readonly runtimes: ReadonlyArray<Runtime>
  /** Undefined: all that a suite has. */
  readonly subjects: ReadonlySet<string> | undefined
  readonly quick: boolean
  readonly json: string | undefined
}

export type Command =
  | { readonly do: "run"; readonly options: Options }
  | { readonly do: "list" | "help" }
  | { readonly do: "refuse"; readonly message: string }

export const help = `Measures Offloop beside its peers.

  npx pnpm@12 bench [suite…] [options]

  suite…              suites to run, by name; all of them when none is named
  --runtime a,b       node, bun, deno or all; all when left out
  --subjects a,b      only these subjects; "ours" stands for all of ours
  --quick             few and short rounds: shows that it works and roughly how it is
  --json FILE         writes the report to a file, or to the standard output when FILE is -
  --list              suites, their cases and subjects
  --help              this text

The first run installs the peers into apps/bench/peers. Exit code: 0 when all was measured that can be, 1 when ours
could not be measured or answered wrongly, 2 when the command line is wrong.`

const listed = (value: string): ReadonlyArray<string> =>
  value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")

const refuse = (message: string): Command => ({ do: "refuse", message })

const subjectsOf = (suites: ReadonlyArray<Suite>): ReadonlyArray<string> => [
  ...new Set(suites.flatMap((suite) => suite.entrants.map((entrant) => entrant.name))),
]

export const parse = (args: ReadonlyArray<string>, all: ReadonlyArray<Suite>): Command => {
  let parsed: ReturnType<typeof parseOptions>
  try {
    parsed = parseOptions(args)
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause))
  }
  const { values, positionals } = parsed
  if (values.help) return { do: "help" }
  if (values.list) return { do: "list" }

  const unknown = positionals.find((name) => !all.some((suite) => suite.name === name))
  if (unknown !== undefined)
    return refuse(`There is no suite "${unknown}". Suites: ${all.map((suite) => suite.name).join(", ")}.`)
  const suites = positionals.length === 0 ? all : all.filter((suite) => positionals.includes(suite.name))

  const wanted = values.runtime === undefined ? ["all"] : listed(values.runtime)
  const wrong = wanted.find((name) => name !== "all" && !isRuntime(name))
  if (wrong !== undefined || wanted.length === 0)
    return refuse(`There is no runtime "${wrong ?? values.runtime}". Runtimes: ${runtimes.join(", ")}, all.`)
  const chosen = wanted.includes("all") ? runtimes : runtimes.filter((runtime) => wanted.includes(runtime))

  if (values.json === "") return refuse("--json needs the name of a file, or - for the standard output.")
  const named = values.subjects === undefined ? undefined : listed(values.subjects)
  if (named?.length === 0) return refuse("--subjects needs the names of subjects, with commas between them.")
  const known = subjectsOf(suites)
  const stranger = named?.find((name) => name !== "ours" && !known.includes(name))
  if (stranger !== undefined)
    return refuse(
      `There is no subject "${stranger}" in ${suites.map((s) => s.name).join(", ")}. Subjects: ours, ${known.join(", ")}.`,
    )
  const ours = suites.flatMap((suite) =>
    suite.entrants.filter((entrant) => entrant.ours).map((entrant) => entrant.name),
  )
  const subjects = named === undefined ? undefined : new Set(named.flatMap((name) => (name === "ours" ? ours : [name])))
  return {
    do: "run",
    options: { suites, runtimes: chosen, subjects, quick: values.quick === true, json: values.json },
  }
}

const parseOptions = (args: ReadonlyArray<string>) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: true,
    options: {
      runtime: { type: "string" },
      subjects: { type: "string" },
      quick: { type: "boolean" },
      json: { type: "string" },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  })
