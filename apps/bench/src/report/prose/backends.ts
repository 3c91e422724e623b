import type { Report } from "../../model.ts"
import { type Section, text } from "../content.ts"
import { runtimeNames, runtimesOf } from "../figures.ts"
import { at, fourTable, measuredTable } from "./columns.ts"

export const backends = (report: Report): Section => ({
  id: "backends",
  title: "Backends",
  blocks: [
    fourTable("Backends", [
      [
        "Event loops",
        "asyncio, with uvloop; no other",
        "asyncio and trio",
        "those of Node, Bun and Deno",
        "the same three, with their threads",
      ],
      [
        "Databases",
        "those with an async driver: PostgreSQL, MySQL, SQLite, Oracle, SQL Server",
        "all that SQLAlchemy has a driver for",
        "SQLite and PostgreSQL",
        "the same two",
      ],
      [
        "Drivers of others",
        "a dialect with an async adapter",
        "any dialect",
        "the driver contract, with its tests",
        "the same contract",
      ],
      [
        "What has to be installed",
        "SQLAlchemy, greenlet, an async driver",
        "SQLAlchemy, anyio, a driver",
        "Effect, the packages of Offloop",
        "the same",
      ],
    ]),
    text("The same queries on each runtime; the Python columns are the same program each time:"),
    measuredTable(
      report,
      "Point selects by runtime",
      runtimesOf(report).flatMap((runtime) =>
        (["point select, sequential", "point select, 64 in flight"] as const).map(
          (name) => [`${name}, ${runtimeNames[runtime]}`, at(name, runtime)] as const,
        ),
      ),
    ),
  ],
})
