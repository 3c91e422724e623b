import { tickMs } from "../../measure/loop-delay.ts"
import type { Report, Runtime } from "../../model.ts"
import { isAncestor } from "../../subjects/ancestors.ts"
import type { Chart } from "../charts.ts"
import { type Block, details, figureTable, list, type Section, type Table, text } from "../content.ts"
import {
  figureOf,
  inWords,
  isOurs,
  loses,
  notMeasured,
  type Place,
  placesOf,
  ranked,
  ratioOf,
  reasonFor,
  resultOf,
  resultsAt,
  runtimeNames,
  runtimesOf,
} from "../figures.ts"
import { figure } from "../text.ts"
import { anyio, asyncio, at, cases, inline, measuredTable, names, subjects, worker } from "./columns.ts"

const ours = [inline, worker] as const
const ancestors = [asyncio, anyio] as const

/** Compares each of ours with each ancestor, in one sentence for each that was measured. */
const sentences = (
  report: Report,
  runtime: Runtime,
): ReadonlyArray<{ readonly text: string; readonly lost: boolean }> =>
  cases.flatMap((name) =>
    ours.flatMap((own) =>
      ancestors.flatMap((ancestor) => {
        const place = at(name, runtime)
        const ratio = ratioOf(report, place, own, ancestor)
        if (ratio === undefined) return []
        const figures = `${figureOf(report, place, own)} against ${figureOf(report, place, ancestor)}`
        return [
          {
            text: `${name}: ${names[own]} is ${inWords(ratio)} as ${names[ancestor]} (${figures})`,
            lost: loses(ratio),
          },
        ]
      }),
    ),
  )

/** The tables that decide, for the short form of the comparison. */
export const decisive = (report: Report): ReadonlyArray<Block> => {
  const [runtime = "node"] = runtimesOf(report)
  return [
    ...besideAncestors(report, runtime).filter((block) => block.kind !== "details"),
    ...loopDelay(report),
    peersText(report),
    decidingTable(report),
  ]
}

const besideAncestors = (report: Report, runtime: Runtime): ReadonlyArray<Block> => {
  const all = sentences(report, runtime)
  if (all.length === 0)
    return [
      text(
        `The two Python columns were not measured in this run: ${reasonFor(report, "ancestors", asyncio) ?? "the suite `ancestors` was not run"}.`,
      ),
    ]
  const lost = all.filter((one) => one.lost)
  return [
    text(
      `One SQLite file, the same queries, five connections each; rows come as mappings in Python and as objects in TypeScript. Python ${report.versions.python ?? "of the system"}, SQLAlchemy ${report.versions.sqlalchemy ?? "as installed"}; ours on ${runtimeNames[runtime]}. Times are for one operation.`,
    ),
    measuredTable(
      report,
      "Time for one operation",
      cases.map((name) => [name, at(name, runtime)]),
    ),
    lost.length === 0
      ? text("In this run Offloop is behind neither of them in any of these cases.")
      : text(
          `**Where Offloop loses**, in ${lost.length} of ${all.length} comparisons: ${lost.map((one) => one.text).join("; ")}.`,
        ),
    ...(lost.length === all.length
      ? []
      : [
          details(
            lost.length === 0 ? "Each comparison" : "Where it does not",
            list(...all.filter((one) => !one.lost).map((one) => one.text)),
          ),
        ]),
  ]
}

const loopCases = ["a 1 s aggregate", "a 10,000-row load"]

/** The cases in which the worker is behind the Python columns, or the reason for which they have no figures. */
const ancestorsOnLoop = (report: Report, places: ReadonlyArray<Place>): string => {
  if (places.length === 0) return ""
  const pairs = places.flatMap((place) =>
    ancestors.flatMap((ancestor) => {
      const own = resultOf(report, place, worker)
      const other = resultOf(report, place, ancestor)
      return own === undefined || other === undefined ? [] : [{ own: own.median, other: other.median }]
    }),
  )
  if (pairs.length === 0)
    return `The two Python columns were not measured in this run: ${reasonFor(report, "loop-delay", asyncio) ?? "they took no part in the suite `loop-delay`"}.`
  const behind = pairs.filter(({ own, other }) => own > other + tickMs)
  return `The Python columns are the delays of asyncio's loop: those of ${names[worker]} are longer in ${behind.length} of ${pairs.length} comparisons with them, where ${tickMs} ms more counts as equal since JavaScript's timers are no finer.`
}

/** The delay of everything else of the program while the database works. */
const loopDelay = (report: Report): ReadonlyArray<Block> => {
  const places = runtimesOf(report).flatMap((runtime) =>
    loopCases.map((name): Place => ({ suite: "loop-delay", case: name, runtime })),
  )
  const measured = places.filter((place) => resultsAt(report, place).length > 0)
  return [
    text(
      report.quick ? "In this quick run the aggregate was cut to a quarter of its second." : "",
      "While a query blocks the loop, every other request of the program waits. What they feel is how late timers are: the figures are 99th percentiles. SQLAlchemy asyncio builds statements and makes rows on the loop; the anyio way does so in a thread, which shares the interpreter's lock with the loop.",
      ancestorsOnLoop(report, measured),
    ),
    measured.length === 0
      ? text("Loop delay was not measured in this run.")
      : figureTable(
          "Loop delay",
          ["while", "runtime", ...subjects.map((subject) => names[subject]), "better-sqlite3 on the loop"],
          measured.map((place) => [
            place.case,
            runtimeNames[place.runtime],
            ...[...subjects, "better-sqlite3"].map((subject) => figureOf(report, place, subject)),
          ]),
          2,
        ),
  ]
}

const hopCases = [
  "sequential",
  "64 in flight",
  "1 KiB each way",
  "100 KiB each way",
  "1,000 rows",
  "stream of 100,000 items",
]
const bare = new Set(["postMessage", "shared memory"])

const hop = (report: Report): ReadonlyArray<Block> => {
  const rows = runtimesOf(report).flatMap((runtime) =>
    hopCases.flatMap((name) => {
      const results = resultsAt(report, { suite: "hop", case: name, runtime })
      const own = results.find((result) => result.subject === usual.hop)
      const pool = ranked(results).find((result) => !isOurs(result.subject) && !bare.has(result.subject))
      if (own === undefined) return []
      const bareResult = results.find((result) => result.subject === "postMessage")
      return [
        [
          name,
          runtimeNames[runtime],
          `${figure(own.median)} ${own.unit}`,
          pool === undefined ? notMeasured : `${figure(pool.median)} ${pool.unit}, ${pool.subject}`,
          bareResult === undefined ? notMeasured : `${figure(bareResult.median)} ${bareResult.unit}`,
        ],
      ]
    }),
  )
  return [
    text(
      "What the worker placement costs is the way to the thread and back. Beside it stand the fastest of the other worker pools in each case, and a bare message with nothing around it.",
    ),
    rows.length === 0
      ? text("Calls to workers were not measured in this run.")
      : figureTable(
          "Calls to a worker",
          ["call", "runtime", "Offloop", "best other pool", "bare postMessage"],
          rows,
          2,
        ),
  ]
}

/** The way of using Offloop that each suite's figures are about: its default. */
const usual: Readonly<Record<string, string>> = {
  hop: "offloop promise",
  memory: "offloop promise",
  "core-execute": "offloop engine",
  "pg-point": "offloop engine inline",
  "pg-bulk": "offloop engine inline",
  "orm-insert": "offloop session promise worker",
  "orm-load": "offloop session promise worker",
  startup: "offloop promise worker",
}

/** The cases that a choice between libraries hangs on, of those that are compared with peers. */
const deciding: ReadonlyArray<readonly [suite: string, cases: ReadonlyArray<string>]> = [
  ["hop", ["sequential", "64 in flight", "1,000 rows"]],
  ["sqlite-point", ["sequential", "64 in flight"]],
  ["sqlite-bulk", ["1,000 rows", "1,000 rows: time on the loop"]],
  ["sqlite-write", ["FULL, sequential", "FULL, 64 in flight", "FULL, 10-statement transaction"]],
  ["pg-point", ["sequential", "64 in flight"]],
  ["pg-bulk", ["1,000 rows", "1,000 rows: time on the loop"]],
  ["orm-insert", ["1,010 objects"]],
  ["orm-load", ["1,000 entities", "load 1,000, change 100, save"]],
  ["startup", ["start, one query, end"]],
  ["memory", ["an idle worker"]],
]

interface Comparison {
  readonly place: Place
  readonly row: ReadonlyArray<string>
  /** Ours beside the best of the others, in one cell. */
  readonly cell: string
  readonly runtime: Runtime
  readonly lost: boolean
}

/** Subjects that show the runtime's own share of a figure; they are no way of doing the work. */
const measures: ReadonlySet<string> = new Set(["nothing", "bare worker"])

/** Ours against the best of the others, in every case that has both. */
const comparisons = (report: Report): ReadonlyArray<Comparison> =>
  placesOf(report).flatMap((place) => {
    if (place.suite === "ancestors") return []
    const own = resultOf(report, place, usual[place.suite] ?? worker)
    const best = ranked(resultsAt(report, place)).find(
      ({ subject }) => !isOurs(subject) && !isAncestor(subject) && !measures.has(subject),
    )
    if (own === undefined || best === undefined) return []
    const ratio = own.ratios[best.subject] ?? 1
    return [
      {
        place,
        runtime: place.runtime,
        lost: loses(ratio),
        cell: `${figure(own.median)} ${own.unit}: ${figure(1 / ratio)}× ${best.subject}`,
        row: [
          `${place.suite}: ${place.case}`,
          runtimeNames[place.runtime],
          `${figure(own.median)} ${own.unit}`,
          `${figure(best.median)} ${best.unit}, ${best.subject}`,
          `${figure(1 / ratio)}×`,
        ],
      },
    ]
  })

const peersText = (report: Report): Block => {
  const all = comparisons(report)
  const counts = runtimesOf(report).map((runtime) => {
    const own = all.filter((one) => one.runtime === runtime)
    return `on ${runtimeNames[runtime]} it is behind the best of the others in ${own.filter((one) => one.lost).length} of ${own.length} cases`
  })
  return text(
    `Peers in JavaScript are measured in the same run, each as its documentation uses it. Offloop stands in with the Promise API and its default placement, the worker for SQLite and the loop for PostgreSQL: ${counts.join("; ")}. A library that blocks the loop has no way to go, and in a program that does one thing at a time it is the one to beat.`,
  )
}

/** One row for each deciding case that was measured, one column for each runtime. */
const decidingTable = (report: Report): Table => {
  const all = comparisons(report)
  const runtimes = runtimesOf(report)
  return figureTable(
    "Beside the best of the others",
    [
      "Offloop, and how many times as much it takes as the best of the others",
      ...runtimes.map((one) => runtimeNames[one]),
    ],
    deciding.flatMap(([suite, names]) =>
      names.flatMap((name) => {
        const own = all.filter(({ place }) => place.suite === suite && place.case === name)
        if (own.length === 0) return []
        const cells = runtimes.map((runtime) => own.find((one) => one.runtime === runtime)?.cell ?? notMeasured)
        return [[`${suite}: ${name}`, ...cells]]
      }),
    ),
  )
}

const besidePeers = (report: Report): ReadonlyArray<Block> => {
  const all = comparisons(report)
  const lost = all.filter((one) => one.lost)
  const table = (label: string, rows: ReadonlyArray<Comparison>): Table =>
    figureTable(
      label,
      ["case", "runtime", "Offloop", "best other", "Offloop takes"],
      rows.map((one) => one.row),
      2,
    )
  return [
    peersText(report),
    ...(lost.length === 0
      ? []
      : [
          details(
            `Where Offloop loses: ${lost.length} of ${all.length} cases, with the figures`,
            table("Where Offloop loses", lost),
          ),
        ]),
  ]
}

/** The charts of one runtime that a heading is about. */
const chartsOf = (
  charts: ReadonlyArray<Chart>,
  runtime: Runtime,
  ...suites: ReadonlyArray<string>
): ReadonlyArray<Block> =>
  charts
    .filter((chart) => chart.runtime === runtime && suites.includes(chart.suite))
    .map((chart) => ({ kind: "chart", chart }))

/** Those of them that show how figures grow. */
const seriesOf = (
  charts: ReadonlyArray<Chart>,
  runtime: Runtime,
  ...suites: ReadonlyArray<string>
): ReadonlyArray<Block> =>
  chartsOf(
    charts.filter((chart) => chart.series),
    runtime,
    ...suites,
  )

const growth = (charts: ReadonlyArray<Chart>, runtime: Runtime): ReadonlyArray<Block> => [
  text(
    "Two things grow in a program: how many rows a query has, and how many callers there are at once. With rows, what it costs to bring them over adds up; with callers, what a connection can do at once shows. The figures of every step are in the tables of each runtime.",
  ),
  ...seriesOf(charts, runtime, "sqlite-point", "sqlite-bulk", "pg-point", "pg-bulk"),
]

export const performance = (report: Report, charts: ReadonlyArray<Chart>): Section => {
  const [runtime = "node"] = runtimesOf(report)
  return {
    id: "performance",
    title: "Performance considerations",
    blocks: [],
    parts: [
      {
        id: "performance-ancestors",
        title: "The four beside each other",
        blocks: [...besideAncestors(report, runtime), ...chartsOf(charts, runtime, "ancestors")],
      },
      {
        id: "performance-loop",
        title: "What everything else feels",
        blocks: [...loopDelay(report), ...chartsOf(charts, runtime, "loop-delay")],
      },
      {
        id: "performance-hop",
        title: "The way to a thread",
        blocks: [...hop(report), ...seriesOf(charts, runtime, "hop"), ...chartsOf(charts, runtime, "memory")],
      },
      { id: "performance-growth", title: "How it grows", blocks: growth(charts, runtime) },
      { id: "performance-peers", title: "Beside the libraries of JavaScript", blocks: besidePeers(report) },
    ],
  }
}
