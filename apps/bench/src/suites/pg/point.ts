import { operationPart } from "../../measure/part.ts"
import type { Case } from "../../model.ts"
import { idAt, item } from "../../subjects/items.ts"
import { entrants } from "../../subjects/pg/index.ts"
import { connections } from "../../subjects/pg/subject.ts"
import { caseNamed, type Suite } from "../../suite.ts"
import { enterPg, prepareDatabase } from "./entry.ts"

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

export const pgPoint: Suite = {
  name: "pg-point",
  about: `a row of five columns by its primary key from PostgreSQL, as an object, with ${connections} connections`,
  cases,
  entrants,
  prepare: prepareDatabase,
  enter: enterPg((name, subject) =>
    operationPart({
      operation: subject.byId(idAt),
      inFlight: (caseNamed(cases, name) as PointCase).inFlight,
      expected: (index) => item(idAt(index)),
      probes: [0, 1, 9_999],
    }),
  ),
}
