import type { Report, Runtime } from "../../model.ts"
import { figureTable, type Section, text } from "../content.ts"
import { figureOf, notMeasured, resultOf, runtimeNames, runtimesOf } from "../figures.ts"
import { figure } from "../text.ts"
import { at, fourTable, names, subjects } from "./columns.ts"

/** The factor by which more is done with 64 under way than one after another. */
const gain = (report: Report, runtime: Runtime, subject: string): string => {
  const [alone, together] = [at("point select, sequential", runtime), at("point select, 64 in flight", runtime)].map(
    (place) => resultOf(report, place, subject)?.median,
  )
  return alone === undefined || together === undefined ? notMeasured : `${figure(alone / together)}×`
}

export const parallelism = (report: Report): Section => {
  const runtimes = runtimesOf(report)
  const servers = runtimes.filter((runtime) =>
    report.results.some((result) => result.suite === "http" && result.runtime === runtime),
  )
  return {
    id: "parallelism",
    title: "Free-threading and parallelism",
    blocks: [
      text(
        "In Python, threads share one heap, and with the usual interpreter one lock: SQLite itself lets go of it while it works, but building statements and making rows does not run in parallel. A free-threaded interpreter has no such lock; then the anyio way is parallel in Python code too, and SQLAlchemy's and the driver's own data have to stand it. SQLAlchemy asyncio gains nothing from it, because its core is on one thread.",
        "In JavaScript, each thread has a heap and an engine of its own. There is no lock to remove, and nothing shared that could race: workers are parallel from the start, at the price that what crosses is copied.",
      ),
      fourTable("Parallelism", [
        [
          "Queries at the same time",
          "as many as there are connections, in the driver's threads",
          "as many as there are tokens and connections",
          "one",
          "as many as there are connections, each in its thread",
        ],
        [
          "Building statements, making objects",
          "one at a time, on the loop",
          "one at a time under the lock; in parallel without it",
          "one at a time, on the loop",
          "one at a time, on the loop; decoding of rows too",
        ],
        ["Shared memory", "everything", "everything", "everything", "only what is given as a `SharedArrayBuffer`"],
      ]),
      text(
        "How much more is done when 64 point selects are under way than when each waits for the one before (below 1: less is done):",
      ),
      figureTable(
        "Gain from 64 in flight",
        ["runtime of ours", ...subjects.map((subject) => names[subject])],
        runtimes.map((runtime) => [
          runtimeNames[runtime],
          ...subjects.map((subject) => gain(report, runtime, subject)),
        ]),
      ),
      ...(servers.length === 0
        ? []
        : [
            text(
              "In a server, what counts is what the others feel. The example API, under load from a second process, in both placements:",
            ),
            figureTable(
              "The example API",
              [
                "runtime",
                "requests, inline",
                "requests, worker",
                "p99 beside a report, inline",
                "p99 beside a report, worker",
              ],
              servers.map((runtime) => [
                runtimeNames[runtime],
                ...["requests a second", "latency while a report runs"].flatMap((name) =>
                  ["offloop inline", "offloop worker"].map((subject) =>
                    figureOf(report, { suite: "http", case: name, runtime }, subject),
                  ),
                ),
              ]),
            ),
          ]),
    ],
  }
}
