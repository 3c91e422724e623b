import { parseArgs } from "node:util"
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import { isRuntime, type Runtime, runtimes } from "../../../../scripts/runtimes.ts"

/** The options of the command line. */
export interface DemoOptions {
  /** Undefined: the runtime that runs this program already. */
  readonly runtime: Runtime | "all" | undefined
  /** Undefined: a SQLite file that is removed at the end. */
  readonly database: string | undefined
  /** The number of cities to load. Undefined: all of them. */
  readonly rows: number | undefined
  readonly json: boolean
  readonly help: boolean
}

/** The command line cannot be followed. The message says what is wrong with it and what is right. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

export const help = `Loads 135,233 cities into a database and shows what blocking work costs on and off the event loop.

  npx pnpm@12 demo [options]

  --runtime node|bun|deno|all   where to run; all: one after the other (default: the one that runs this program)
  --database URL                sqlite:////absolute/path.db, sqlite:///relative/path.db or postgresql://user:password@host/db
                                (default: a SQLite file in the temporary folder, removed at the end)
  --rows N                      load N cities, spread over the world (default: all)
  --json                        print one JSON object on stdout, or for \`--runtime all\` one array of them;
                                everything else goes to stderr
  --help                        print this

The demo drops and creates what it works on: in PostgreSQL the schema offloop_demo, in a SQLite file the tables
countries, regions and cities, which it only does in a new file or in one that the demo itself made.

Exit codes: 0 done, 1 failed, 2 wrong options, 130 Ctrl-C, 143 SIGTERM, 129 terminal closed,
141 output closed.`

const fail = (message: string) =>
  Either.left(new UsageError({ message: `${message}\nRun with --help for all options.` }))

/** Reads the command line (without the executable and the script). Pure. */
export const parseOptions = (args: ReadonlyArray<string>): Either.Either<DemoOptions, UsageError> => {
  let values: { runtime?: string; database?: string; rows?: string; json?: boolean; help?: boolean }
  try {
    values = parseArgs({
      // pnpm passes the `--` of `pnpm demo -- --json` on.
      args: args[0] === "--" ? args.slice(1) : [...args],
      options: {
        runtime: { type: "string" },
        database: { type: "string" },
        rows: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
  const { runtime, database, rows, json = false, help = false } = values
  if (runtime !== undefined && runtime !== "all" && !isRuntime(runtime)) {
    return fail(`--runtime ${JSON.stringify(runtime)} is not known: give ${runtimes.join(", ")} or all.`)
  }
  if (rows !== undefined && !/^[1-9][0-9]{0,14}$/.test(rows)) {
    return fail(`--rows ${JSON.stringify(rows)} is not a number of cities: give a whole number from 1, such as 2000.`)
  }
  if (database === "") return fail("--database is empty: give a URL such as sqlite:///cities.db.")
  return Either.right({ runtime, database, rows: rows === undefined ? undefined : Number(rows), json, help })
}
