import { operationPart } from "../../measure/part.ts"
import type { Case } from "../../model.ts"
import { idAt, item } from "../../subjects/items.ts"
import { entrants } from "../../subjects/sqlite/index.ts"
import { caseNamed, type Suite } from "../../suite.ts"
import { declineConcurrency, enterSqlite, inspectSettings, plainRow, prepareFile } from "./entry.ts"

interface PointCase extends Case {
  readonly inFlight: number
}

const pointCase = (name: string, about: string, inFlight: number): PointCase => ({
  name,
  about,
  unit: "µs",
  better: "less",
  compare: "median",
  inFlight,
})

const cases: ReadonlyArray<PointCase> = [
  pointCase("sequential", "the next select starts when one has answered", 1),
  pointCase("8 in flight", "8 selects under way at any time", 8),
  pointCase("64 in flight", "64 selects under way at any time", 64),
]

export const sqlitePoint: Suite = {
  name: "sqlite-point",
  about: "a row of five columns by its primary key, as an object, from a file of 10,000 rows",
  cases,
  entrants,
  prepare: prepareFile,
  enter: enterSqlite(
    () => "NORMAL",
    (name, opened) => {
      const { inFlight } = caseNamed(cases, name) as PointCase
      declineConcurrency(opened.subject, inFlight)
      return operationPart({
        operation: opened.subject.byId(idAt),
        inFlight,
        expected: (index) => item(idAt(index)),
        probes: [0, 1, 9_999],
        plain: plainRow(opened.subject),
        inspect: () => inspectSettings(opened),
      })
    },
  ),
}
