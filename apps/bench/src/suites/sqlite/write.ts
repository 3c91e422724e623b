import { operationPart } from "../../measure/part.ts"
import type { Case } from "../../model.ts"
import { newItem } from "../../subjects/items.ts"
import { auditWritten } from "../../subjects/sqlite/file.ts"
import { entrantsBeside } from "../../subjects/sqlite/index.ts"
import { caseNamed, type Suite } from "../../suite.ts"
import { declineConcurrency, enterSqlite, inspectSettings, prepareFile } from "./entry.ts"

interface WriteCase extends Case {
  readonly synchronous: "NORMAL" | "FULL"
  readonly inFlight: number
  readonly rows: 1 | 10
}

const writeCase = (
  synchronous: WriteCase["synchronous"],
  name: string,
  about: string,
  inFlight: number,
  rows: WriteCase["rows"],
): WriteCase => ({
  name: `${synchronous}, ${name}`,
  about: `${about}, with synchronous=${synchronous}`,
  unit: "µs",
  better: "less",
  compare: "median",
  synchronous,
  inFlight,
  rows,
})

const cases: ReadonlyArray<WriteCase> = (["NORMAL", "FULL"] as const).flatMap((synchronous) => [
  writeCase(synchronous, "sequential", "an INSERT in a transaction of its own", 1, 1),
  writeCase(synchronous, "64 in flight", "64 of them under way at any time, each acknowledged by itself", 64, 1),
  writeCase(synchronous, "10-statement transaction", "ten INSERT statements in one transaction", 1, 10),
])

/** Written one after another by the check, so that the order of their rows is known. */
const probes = [0, 1, 2]

export const sqliteWrite: Suite = {
  name: "sqlite-write",
  about: "inserts that are acknowledged when they are committed; the rows are counted afterwards",
  cases,
  entrants: entrantsBeside("engine", "core", "session"),
  // With so many subjects and cases, a quick run has to be quicker.
  pace: (quick) => ({ rounds: quick ? 2 : 7, roundMs: quick ? 15 : 60, warmUpLimitMs: quick ? 40 : 250 }),
  prepare: prepareFile,
  enter: enterSqlite(
    (name) => (caseNamed(cases, name) as WriteCase).synchronous,
    (name, opened) => {
      const { inFlight, rows } = caseNamed(cases, name) as WriteCase
      const { subject, file } = opened
      declineConcurrency(opened.subject, inFlight)
      return operationPart<unknown>({
        operation: rows === 1 ? subject.insert(newItem) : subject.insertTen(newItem),
        inFlight,
        // Libraries acknowledge in their own ways; what counts is what is in the file.
        plain: () => "acknowledged",
        expected: () => "acknowledged",
        probes,
        inspect: () => inspectSettings(opened),
        audit: async (operations) => auditWritten(file.path, operations * rows, probes.length * rows),
      })
    },
  ),
}
