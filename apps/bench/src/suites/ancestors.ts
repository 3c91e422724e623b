import { join } from "node:path"
import { findPython } from "../ancestors.ts"
import { operationPart } from "../measure/part.ts"
import type { Case, Entrant } from "../model.ts"
import type { LineProgram } from "../process/lines.ts"
import { type AncestorData, ancestorEntrants, checkAncestor, enterAncestor, isAncestor } from "../subjects/ancestors.ts"
import { idAt, item, itemCount, items } from "../subjects/items.ts"
import { copyFile, makeFile } from "../subjects/sqlite/file.ts"
import { entrantsBeside, openerOf } from "../subjects/sqlite/index.ts"
import type { SqliteSubject } from "../subjects/sqlite/subject.ts"
import { type Context, caseNamed, type Entered, type Part, type Suite } from "../suite.ts"
import { declineConcurrency, plainRow, plainRows } from "./sqlite/entry.ts"

interface AncestorCase extends Case {
  readonly rows: number
  readonly inFlight: number
}

const ancestorCase = (name: string, about: string, rows: number, inFlight: number): AncestorCase => ({
  name,
  about,
  unit: "µs",
  better: "less",
  compare: "median",
  rows,
  inFlight,
})

const cases: ReadonlyArray<AncestorCase> = [
  ancestorCase("point select, sequential", "a row by its primary key; the next starts when one has answered", 1, 1),
  ancestorCase("point select, 64 in flight", "64 of them under way at any time", 1, 64),
  ancestorCase("1,000 rows", "one query after another, rows as mappings", 1_000, 1),
]

/** Ours, and what they all stand on. */
const beside: ReadonlyArray<Entrant> = entrantsBeside("engine", "core").filter(
  (entrant) => entrant.ours || entrant.name === "better-sqlite3",
)

const ancestorPart = (ancestor: LineProgram, { rows, inFlight }: AncestorCase): Part => {
  const expected = (index: number) => (rows === 1 ? [item(idAt(index))] : items(rows))
  return {
    check: () => checkAncestor(ancestor, { rows, table: itemCount }, inFlight, expected),
    warmUp: (ms) => ancestor.ask({ do: "warmUp", ms }),
    round: (ms) => ancestor.ask({ do: "round", ms }),
    finish: async () => ({ operationsPerSample: await ancestor.ask<number>({ do: "finish" }) }),
  }
}

const enterBeside = async (entrant: string, { data, folder }: Context): Promise<Entered> => {
  const open = await openerOf(entrant)
  const subject: SqliteSubject = await open({
    path: copyFile((data as AncestorData).path, folder, "beside"),
    synchronous: "NORMAL",
  })
  return {
    open: async (name) => {
      const { rows, inFlight } = caseNamed(cases, name) as AncestorCase
      declineConcurrency(subject, inFlight)
      return rows === 1
        ? operationPart({
            operation: subject.byId(idAt),
            inFlight,
            expected: (index) => item(idAt(index)),
            probes: [0],
            plain: plainRow(subject),
          })
        : operationPart({
            operation: subject.first(rows),
            inFlight,
            expected: () => items(rows),
            probes: [0],
            plain: plainRows(subject),
          })
    },
    close: subject.close,
  }
}

export const ancestors: Suite = {
  name: "ancestors",
  about: "SQLAlchemy's asyncio extension and the anyio way, in Python, on the same file",
  cases,
  entrants: [...ancestorEntrants, ...beside],
  prepare: async (folder) => {
    const path = join(folder, "items.db")
    makeFile(path)
    const found = findPython()
    const data: AncestorData = { path, python: found }
    return { data, ...("versions" in found && { versions: found.versions }), release: async () => undefined }
  },
  enter: async (entrant, context) =>
    isAncestor(entrant)
      ? enterAncestor(entrant, context, (name, ancestor) =>
          ancestorPart(ancestor, caseNamed(cases, name) as AncestorCase),
        )
      : enterBeside(entrant, context),
}
