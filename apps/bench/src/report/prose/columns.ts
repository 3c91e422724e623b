/** The four columns of the comparison, and the subject of the suite `ancestors` that stands for each. */
import type { Report, Runtime } from "../../model.ts"
import { figureTable, type Table, wordTable } from "../content.ts"
import { figureOf, type Place } from "../figures.ts"

export const asyncio = "SQLAlchemy asyncio"
export const anyio = "SQLAlchemy through anyio"
export const inline = "offloop engine inline"
export const worker = "offloop engine worker"

export const subjects = [asyncio, anyio, inline, worker] as const

export const names: Readonly<Record<(typeof subjects)[number], string>> = {
  [asyncio]: "SQLAlchemy asyncio",
  [anyio]: "the anyio way",
  [inline]: "Offloop inline",
  [worker]: "Offloop worker",
}

const head = ["", ...subjects.map((subject) => names[subject])]

/** The ways of the four in some matter, in words. */
export const fourTable = (
  label: string,
  rows: ReadonlyArray<readonly [string, string, string, string, string]>,
): Table => wordTable(label, head, rows)

/** The cases of the suite `ancestors`. */
export const cases = ["point select, sequential", "point select, 64 in flight", "1,000 rows"] as const

export const at = (name: (typeof cases)[number], runtime: Runtime): Place => ({
  suite: "ancestors",
  case: name,
  runtime,
})

/** The figures of the four. */
export const measuredTable = (report: Report, label: string, places: ReadonlyArray<readonly [string, Place]>): Table =>
  figureTable(
    label,
    head,
    places.map(([title, place]) => [title, ...subjects.map((subject) => figureOf(report, place, subject))]),
  )
