/** The common part of the ORM suites. */
import { join } from "node:path"
import type { Case, Entrant } from "../../model.ts"
import { makeGraphFile } from "../../subjects/orm/graph.ts"
import type { OpenOrm, OrmSubject } from "../../subjects/orm/subject.ts"
import type { Context, Entered, Part } from "../../suite.ts"

const openers: Readonly<Record<string, () => Promise<OpenOrm>>> = {
  "offloop session worker": async () => (await import("../../subjects/orm/offloop.ts")).openOffloop("worker"),
  "offloop session inline": async () => (await import("../../subjects/orm/offloop.ts")).openOffloop("inline"),
  "offloop session promise worker": async () =>
    (await import("../../subjects/orm/offloop-promise.ts")).openOffloopPromise("worker"),
  "offloop session promise inline": async () =>
    (await import("../../subjects/orm/offloop-promise.ts")).openOffloopPromise("inline"),
  "mikro-orm": async () => (await import("../../subjects/orm/mikro-orm.ts")).openMikroOrm,
  typeorm: async () => (await import("../../subjects/orm/typeorm.ts")).openTypeorm,
}

export const entrants: ReadonlyArray<Entrant> = [
  { name: "offloop session worker", ours: true, peers: [] },
  { name: "offloop session inline", ours: true, peers: [] },
  { name: "offloop session promise worker", ours: true, peers: [] },
  { name: "offloop session promise inline", ours: true, peers: [] },
  { name: "mikro-orm", ours: false, peers: ["@mikro-orm/core", "@mikro-orm/sqlite"] },
  { name: "typeorm", ours: false, peers: ["typeorm", "better-sqlite3"] },
]

export const ormCase = (name: string, about: string, unit: "µs" | "ms"): Case => ({
  name,
  about,
  unit,
  better: "less",
  compare: "median",
})

/** Opens a file of its own for each case. */
export const enterOrm =
  (filled: boolean, partOf: (caseName: string, subject: OrmSubject, path: string) => Part) =>
  async (entrant: string, { folder }: Context): Promise<Entered> => {
    const open = await openers[entrant]!()
    let last: OrmSubject | undefined
    let files = 0
    const closeLast = async () => {
      const closing = last
      last = undefined
      await closing?.close()
    }
    return {
      open: async (name) => {
        await closeLast()
        const path = join(folder, `graph-${++files}.db`)
        makeGraphFile(path, filled)
        last = await open(path)
        return partOf(name, last, path)
      },
      close: closeLast,
    }
  }
