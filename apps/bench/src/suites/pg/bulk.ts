import { loopTimePart } from "../../measure/loop-time.ts"
import { operationPart } from "../../measure/part.ts"
import type { Case } from "../../model.ts"
import { type Item, items } from "../../subjects/items.ts"
import { entrants } from "../../subjects/pg/index.ts"
import { caseNamed, type Suite } from "../../suite.ts"
import { enterPg, prepareDatabase } from "./entry.ts"

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
  bulkCase("10,000 rows", 10_000, true),
]

export const pgBulk: Suite = {
  name: "pg-bulk",
  about: "many rows of five columns from PostgreSQL with one query, as objects",
  cases,
  entrants,
  prepare: prepareDatabase,
  enter: enterPg((name, subject) => {
    const { rows, loopTime } = caseNamed(cases, name) as BulkCase
    const operation = subject.first(rows)
    const timed = operationPart({
      operation,
      inFlight: 1,
      expected: () => items(rows),
      probes: [0],
      // A client's own kind of array is taken for its rows.
      plain: (answer: ReadonlyArray<Item>) => Array.from(answer),
    })
    return loopTime ? loopTimePart(operation, timed) : timed
  }),
}
