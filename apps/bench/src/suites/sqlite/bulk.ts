import { loopTimePart } from "../../measure/loop-time.ts"
import { operationPart } from "../../measure/part.ts"
import type { Case } from "../../model.ts"
import { items } from "../../subjects/items.ts"
import { entrantsBeside } from "../../subjects/sqlite/index.ts"
import { caseNamed, type Suite } from "../../suite.ts"
import { enterSqlite, inspectSettings, plainRows, prepareFile } from "./entry.ts"

interface BulkCase extends Case {
  readonly rows: number
  readonly loopTime: boolean
}

const bulkCase = (name: string, rows: number, loopTime = false): BulkCase => ({
  name: loopTime ? `${name}: time on the loop` : name,
  about: loopTime ? "how long the event loop was busy with it, for one query" : "one query after another",
  unit: "µs",
  better: "less",
  compare: "median",
  rows,
  loopTime,
})

const cases: ReadonlyArray<BulkCase> = [
  bulkCase("1 row", 1),
  bulkCase("100 rows", 100),
  bulkCase("1,000 rows", 1_000),
  bulkCase("1,000 rows", 1_000, true),
  bulkCase("10,000 rows", 10_000),
]

export const sqliteBulk: Suite = {
  name: "sqlite-bulk",
  about: "many rows of five columns with one query, as objects",
  cases,
  entrants: entrantsBeside("engine", "core", "session"),
  prepare: prepareFile,
  enter: enterSqlite(
    () => "NORMAL",
    (name, opened) => {
      const { rows, loopTime } = caseNamed(cases, name) as BulkCase
      const operation = opened.subject.first(rows)
      const timed = operationPart({
        operation,
        inFlight: 1,
        expected: () => items(rows),
        probes: [0],
        plain: plainRows(opened.subject),
        inspect: () => inspectSettings(opened),
      })
      return loopTime ? loopTimePart(operation, timed) : timed
    },
  ),
}
