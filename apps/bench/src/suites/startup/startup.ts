import { differenceBetween } from "../../measure/answer.ts"
import type { Case, Entrant } from "../../model.ts"
import { runOnce } from "../../process/once.ts"
import { item } from "../../subjects/items.ts"
import { copyFile } from "../../subjects/sqlite/file.ts"
import { entrantsBeside } from "../../subjects/sqlite/index.ts"
import type { Context, Entered, Part, Suite } from "../../suite.ts"
import { prepareFile, type SqliteData } from "../sqlite/entry.ts"

const program = new URL("./program.ts", import.meta.url)

const cases: ReadonlyArray<Case> = [
  {
    name: "start, one query, end",
    about: "a whole process that loads the library, opens the file, reads a row, and ends by itself",
    unit: "ms",
    better: "less",
    compare: "median",
  },
]

/** The cost of the runtime alone. */
const nothing: Entrant = { name: "nothing", ours: false, peers: [] }

/** The runtime's own worker, which answers one message. */
const bareWorker: Entrant = { name: "bare worker", ours: false, peers: [] }

const withoutRow: ReadonlySet<string> = new Set([nothing.name, bareWorker.name])

const id = 4_711

const partOf = (entrant: string, path: string, { runtime }: Context): Part => {
  const once = () => runOnce(runtime, program, [entrant, path, String(id)])
  return {
    check: async () => differenceBetween(withoutRow.has(entrant) ? null : item(id), (await once()).value),
    warmUp: async () => undefined,
    round: async () => [(await once()).elapsedMs],
    finish: async () => ({ operationsPerSample: 1 }),
  }
}

export const startup: Suite = {
  name: "startup",
  about: "how long a short program takes",
  cases,
  entrants: [...entrantsBeside("core", "promise"), nothing, bareWorker],
  prepare: prepareFile,
  enter: async (entrant, context): Promise<Entered> => {
    const path = copyFile((context.data as SqliteData).path, context.folder, "startup")
    return { open: async () => partOf(entrant, path, context), close: async () => undefined }
  },
  pace: (quick) => ({ rounds: quick ? 2 : 5, roundMs: 0, warmUpLimitMs: 0, roundTakesMs: 300 }),
}
