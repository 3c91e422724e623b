import type { Report, Runtime } from "../../model.ts"
import { list, type Section, text } from "../content.ts"
import { figureOf, type Place, ratioOf, resultOf, runtimeNames, runtimesOf } from "../figures.ts"
import { figure } from "../text.ts"
import { fourTable, inline, worker } from "./columns.ts"

/** The extra cost of a worker over an inline connection, where it was measured. */
const costs = (report: Report, runtime: Runtime): ReadonlyArray<string> => {
  const memory: Place = { suite: "memory", case: "an idle worker", runtime }
  const startup: Place = { suite: "startup", case: "start, one query, end", runtime }
  const point: Place = { suite: "sqlite-point", case: "sequential", runtime }
  const on = runtimeNames[runtime]
  const said: Array<string> = []
  if (resultOf(report, memory, "offloop resident") !== undefined)
    said.push(
      `Memory: each further worker that is idle keeps ${figureOf(report, memory, "offloop resident")} on ${on}, where a bare worker keeps ${figureOf(report, memory, "postMessage")}.`,
    )
  if (resultOf(report, startup, worker) !== undefined)
    said.push(
      `Start: a program that asks one query and ends takes ${figureOf(report, startup, worker)} with a worker and ${figureOf(report, startup, inline)} inline on ${on}; one that does nothing takes ${figureOf(report, startup, "nothing")}.`,
    )
  const ratio = ratioOf(report, point, worker, inline)
  if (ratio !== undefined)
    said.push(
      `A query by itself: ${figureOf(report, point, worker)} with a worker and ${figureOf(report, point, inline)} inline on ${on}, so the worker takes ${figure(1 / ratio)} times as long.`,
    )
  return said
}

export const tradeOffs = (report: Report): Section => ({
  id: "trade-offs",
  title: "Trade-offs",
  blocks: [
    fourTable("Trade-offs", [
      [
        "CPU work of the core",
        "blocks the loop",
        "is off the loop, and competes for the interpreter's lock",
        "blocks the loop, and so does the database",
        "building statements and objects is on the loop, the database is not",
      ],
      [
        "Code beside the database",
        "`run_sync` runs a function on the loop's thread, in a greenlet",
        "any function: that is how it works",
        "`conn.runSync` runs an exported function on the loop's thread",
        "`conn.runSync` runs an exported function in the connection's thread; a closure cannot cross",
      ],
      [
        "Lazy loading",
        "fails with MissingGreenlet where nothing awaits",
        "works inside of the function, fails after it",
        "never by reading an attribute: what was not loaded is asked for, or cannot be read",
        "the same",
      ],
      [
        "Errors",
        "as in synchronous code",
        "as in synchronous code, with the thread's stack",
        "tagged and typed",
        "the same, rebuilt on the loop; classes of a program's own come as `Error` with their name",
      ],
      [
        "Stopping a query",
        "what the driver can",
        "not possible: the thread goes on",
        "not possible: nothing else runs",
        "the caller goes on; SQLite ends the statement in the background",
      ],
      ["Age", "years in production, a large community", "parts that are; the way itself is a recipe", "new", "new"],
    ]),
    text(
      "**What the worker costs, in figures.** Inline is the better choice where these matter more than a loop that stays free:",
    ),
    list(...runtimesOf(report).flatMap((runtime) => costs(report, runtime))),
  ],
})
