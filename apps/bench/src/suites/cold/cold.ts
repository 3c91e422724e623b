import { join } from "node:path"
import { findPython } from "../../ancestors.ts"
import type { Case, Entrant } from "../../model.ts"
import { runOnce } from "../../process/once.ts"
import {
  type AncestorData,
  ancestorEntrants,
  coldAncestor,
  isAncestor,
  onLoop,
  pythonOf,
} from "../../subjects/ancestors.ts"
import { idAt, item, itemCount } from "../../subjects/items.ts"
import { copyFile, makeFile } from "../../subjects/sqlite/file.ts"
import { entrantsBeside } from "../../subjects/sqlite/index.ts"
import { type Context, caseNamed, type Part, type Suite } from "../../suite.ts"
import { type ColdFigures, type ColdJob, figureNames, figuresOf } from "./figures.ts"

const program = new URL("./program.ts", import.meta.url)

/** As many as a short program asks, or a long one until somebody has noticed that it is slow. */
const count = 1_000

interface ColdCase extends Case {
  readonly inFlight: number
  readonly figure: (typeof figureNames)[number]
}

const coldCase = (flight: string, inFlight: number, figure: ColdCase["figure"]): ColdCase => ({
  name: `${flight}: ${figure}`,
  about:
    figure === "total"
      ? `all of the first ${count} selects, ${flight}`
      : `how long its caller waits for one of the first ${count} selects, ${flight}`,
  unit: figure === "total" ? "ms" : "µs",
  better: "less",
  compare: "median",
  inFlight,
  figure,
})

const flights = [
  ["sequential", 1],
  ["64 in flight", 64],
] as const

const cases = flights.flatMap(([flight, inFlight]) => figureNames.map((figure) => coldCase(flight, inFlight, figure)))

/** Subjects that a program would choose between; libsql and the ORMs are in sqlite-point. */
const wanted: ReadonlySet<string> = new Set([
  "offloop engine worker",
  "offloop engine inline",
  "offloop promise worker",
  "better-sqlite3",
  "node:sqlite",
  "sqlite3",
  "@effect/sql-sqlite-node",
  "kysely",
  "drizzle",
])

const entrants: ReadonlyArray<Entrant> = [
  ...ancestorEntrants.filter(({ name }) => name !== onLoop),
  ...entrantsBeside("engine", "promise").filter(({ name }) => wanted.has(name)),
]

const onceOf =
  (entrant: string, context: Context, path: string, inFlight: number) => async (): Promise<ColdFigures> => {
    if (isAncestor(entrant)) {
      const expected = (index: number) => item(idAt(index))
      const { waits, totalMs, difference } = await coldAncestor(entrant, context, path, {
        count,
        inFlight,
        table: itemCount,
        expected,
      })
      return figuresOf(waits, totalMs, difference)
    }
    const job: ColdJob = { entrant, path, count, inFlight }
    return (await runOnce(context.runtime, program, [JSON.stringify(job)])).value as ColdFigures
  }

/**
 * A process gives all figures of so many in flight at once. They are kept, so that the round of one case is about the same
 * process as that of the next: first the one whose answers the check looks at, and then one for each round.
 */
const partsOf = (entrant: string, context: Context, path: string, inFlight: number) => {
  const once = onceOf(entrant, context, path, inFlight)
  const runs: Array<Promise<ColdFigures>> = []
  const run = (index: number): Promise<ColdFigures> => {
    runs[index] ??= once()
    return runs[index]
  }
  return (figure: ColdCase["figure"]): Part => {
    let rounds = 0
    const checked = async (index: number): Promise<ColdFigures> => {
      const figures = await run(index)
      if (figures.difference !== undefined) throw new Error(`it does other work: ${figures.difference}`)
      return figures
    }
    return {
      check: async () => (await run(0)).difference,
      warmUp: async () => undefined,
      round: async () => [(await checked(++rounds))[figure]],
      finish: async () => ({ operationsPerSample: figure === "total" ? count : 1 }),
    }
  }
}

export const cold: Suite = {
  name: "cold",
  about: `the first ${count.toLocaleString("en-US")} point selects of a process, each subject in processes of its own that have just been started`,
  cases,
  entrants,
  prepare: async (folder) => {
    const path = join(folder, "items.db")
    makeFile(path)
    const found = findPython()
    const data: AncestorData = { path, python: found }
    return { data, ...("versions" in found && { versions: found.versions }), release: async () => undefined }
  },
  enter: async (entrant, context) => {
    if (isAncestor(entrant)) pythonOf(context)
    const path = copyFile((context.data as AncestorData).path, context.folder, "cold")
    const parts = new Map<number, ReturnType<typeof partsOf>>()
    for (const [, inFlight] of flights) parts.set(inFlight, partsOf(entrant, context, path, inFlight))
    return {
      open: async (name) => {
        const { inFlight, figure } = caseNamed(cases, name) as ColdCase
        return parts.get(inFlight)!(figure)
      },
      close: async () => undefined,
    }
  },
  // A process is started for the first of four cases.
  pace: (quick) => ({ rounds: quick ? 2 : 5, roundMs: 0, warmUpLimitMs: 0, roundTakesMs: 85 }),
}
