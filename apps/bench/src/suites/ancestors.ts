import { join } from "node:path"
import { findPython, type Python, program } from "../ancestors.ts"
import { differenceBetween } from "../measure/answer.ts"
import { operationPart } from "../measure/part.ts"
import type { Case, Entrant } from "../model.ts"
import { type LineProgram, startLineProgram } from "../process/lines.ts"
import { idAt, item, itemCount, items } from "../subjects/items.ts"
import { copyFile, makeFile } from "../subjects/sqlite/file.ts"
import { openerOf, entrants as sqliteEntrants } from "../subjects/sqlite/index.ts"
import type { SqliteSubject } from "../subjects/sqlite/subject.ts"
import { CannotTakePart, type Context, caseNamed, type Entered, type Part, type Suite } from "../suite.ts"
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

const kinds: Readonly<Record<string, string>> = {
  "SQLAlchemy asyncio": "asyncio",
  "SQLAlchemy through anyio": "anyio",
  "SQLAlchemy on the loop": "sync",
}

/** As many as ours has for a file. */
const connections = 5

interface Data {
  readonly path: string
  readonly python: Python
}

const python: ReadonlyArray<Entrant> = Object.keys(kinds).map((name) => ({ name, ours: false, peers: [] }))

/** Ours, and what they all stand on. */
const beside: ReadonlyArray<Entrant> = sqliteEntrants.filter(
  (entrant) => entrant.ours || entrant.name === "better-sqlite3",
)

const pythonPart = (subject: LineProgram, one: AncestorCase): Part => {
  const expected = (index: number) => (one.rows === 1 ? [item(idAt(index))] : items(one.rows))
  return {
    check: async () => {
      await subject.ask({ do: "open", rows: one.rows, inFlight: one.inFlight, table: itemCount })
      const indexes = Array.from({ length: one.inFlight }, (_, index) => index)
      return differenceBetween(indexes.map(expected), await subject.ask({ do: "answers", indexes }))
    },
    warmUp: (ms) => subject.ask({ do: "warmUp", ms }),
    round: (ms) => subject.ask({ do: "round", ms }),
    finish: async () => ({ operationsPerSample: await subject.ask<number>({ do: "finish" }) }),
  }
}

const enterPython = (kind: string, { data, folder }: Context): Entered => {
  const { path, python: found } = data as Data
  if ("missing" in found) throw new CannotTakePart(found.missing)
  const subject = startLineProgram(found.command, [
    program,
    kind,
    copyFile(path, folder, "ancestor"),
    String(connections),
  ])
  return {
    open: async (name) => pythonPart(subject, caseNamed(cases, name) as AncestorCase),
    close: async () => {
      await subject.ask({ do: "close" })
      await subject.close()
    },
  }
}

const enterBeside = async (entrant: string, { data, folder }: Context): Promise<Entered> => {
  const open = await openerOf(entrant)
  const subject: SqliteSubject = await open({
    path: copyFile((data as Data).path, folder, "beside"),
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
  entrants: [...python, ...beside],
  prepare: async (folder) => {
    const path = join(folder, "items.db")
    makeFile(path)
    const found = findPython()
    const data: Data = { path, python: found }
    return { data, ...("versions" in found && { versions: found.versions }), release: async () => undefined }
  },
  enter: async (entrant, context) => {
    const kind = kinds[entrant]
    return kind === undefined ? enterBeside(entrant, context) : enterPython(kind, context)
  },
}
