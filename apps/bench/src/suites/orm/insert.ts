import { operationPart } from "../../measure/part.ts"
import { auditGraphs, authorCount, postCount } from "../../subjects/orm/graph.ts"
import type { Suite } from "../../suite.ts"
import { enterOrm, entrants, ormCase } from "./entry.ts"

export const ormInsert: Suite = {
  name: "orm-insert",
  about: "new objects, related as objects, written in one unit of work",
  cases: [
    ormCase(
      "1,010 objects",
      `${authorCount} authors and ${postCount} posts that refer to them; the rows and their keys are checked afterwards`,
      "ms",
    ),
  ],
  entrants,
  enter: enterOrm(false, (_, subject, path) =>
    operationPart<unknown>({
      operation: subject.insertGraph(),
      inFlight: 1,
      // Only the content of the file counts.
      plain: () => "written",
      expected: () => "written",
      probes: [0],
      audit: async (operations) => auditGraphs(path, operations),
      unit: "ms",
    }),
  ),
  pace: (quick) => ({ rounds: quick ? 3 : 7, roundMs: quick ? 100 : 250, warmUpLimitMs: quick ? 150 : 400 }),
}
