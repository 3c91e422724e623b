import type { Report } from "../../model.ts"
import { list, type Section, text } from "../content.ts"
import { figureOf, inWords, type Place, ratioOf, runtimeNames, runtimesOf } from "../figures.ts"
import { inline, worker } from "./columns.ts"

export const recommendations = (report: Report): Section => {
  const [runtime = "node"] = runtimesOf(report)
  const aggregate: Place = { suite: "loop-delay", case: "a 1 s aggregate", runtime }
  const bulk: Place = { suite: "sqlite-bulk", case: "1,000 rows", runtime }
  const ratio = ratioOf(report, bulk, worker, inline)
  const on = runtimeNames[runtime]
  return {
    id: "recommendations",
    title: "Recommendations",
    blocks: [
      list(
        `**A server, or anything else that has to answer while it queries: worker.** It is the default for SQLite. While a heavy query ran on ${on}, the 99th percentile of the loop's delay was ${figureOf(report, aggregate, worker)} with a worker and ${figureOf(report, aggregate, inline)} inline.`,
        `**A script, a migration, a test, a command-line tool: inline.** Nobody waits for its loop, and a thread costs start and memory. \`createEngine\` of \`@offloop/orm-async/sync\` needs no promises either.${ratio === undefined ? "" : ` For 1,000 rows on ${on} the worker is ${inWords(ratio)} as inline (${figureOf(report, bulk, worker)} against ${figureOf(report, bulk, inline)}).`}`,
        "**PostgreSQL: inline.** It is the default there: sockets do not block. Take the worker where results are so large that decoding them is what blocks.",
        "**A database that Offloop does not have, or a program in Python: SQLAlchemy asyncio** on asyncio, **the anyio way** on trio, or where a driver has no async version.",
        "**Many small writes at once on SQLite: one engine, many callers.** Writers of a process stand in a fair line instead of failing with a busy database, and those that wait are written together.",
      ),
      text(
        "When in doubt, measure: `npx pnpm@12 bench` runs all of this on the machine at hand, and the placement is one option to change.",
      ),
    ],
  }
}
