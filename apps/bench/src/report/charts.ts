/** The charts of the comparison page, as SVG text. No figure comes from anywhere but the report. */
import type { Report, Result, Runtime } from "../model.ts"
import { parseDocument } from "./document.ts"
import { betterOf, isOurs, ranked, runtimeNames } from "./figures.ts"
import { placeLabels } from "./labels.ts"
import { Plot, type PlotOptions } from "./plot.ts"
import { figure } from "./text.ts"

export interface Chart {
  readonly suite: string
  readonly runtime: Runtime
  /** It shows how figures grow over several cases. */
  readonly series: boolean
  /** For the page's links, and for the heading's id. */
  readonly id: string
  readonly title: string
  /** The description of the chart for a reader who does not see it. */
  readonly description: string
  readonly svg: string
  /** The data that the chart is drawn from, for its table. */
  readonly results: ReadonlyArray<Result>
}

const colour = (subject: string): string => (isOurs(subject) ? "var(--ours)" : "var(--other)")

const width = 760

/** SI letters would call a thousandth of a millisecond "1m". */
const tickFormat = (tick: number): string =>
  tick >= 1_000_000 ? `${tick / 1_000_000}M` : tick >= 1_000 ? `${tick / 1_000}k` : String(tick)

/** A tenth of a pixel is as fine as anyone sees; only attributes have coordinates. */
const shortened = (svg: string): string =>
  svg.replaceAll(/="[^"]*"/g, (attribute) =>
    attribute.replaceAll(/\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10)),
  )

const draw = (options: PlotOptions): string => {
  const document = parseDocument("<!doctype html><html><body></body></html>")
  const svg = Plot.plot({
    ...options,
    document,
    width,
    marginBottom: 46,
    style: { background: "none", color: "currentColor", fontSize: "13px", overflow: "visible" },
  })
  // Its surroundings name it: see the page.
  svg.setAttribute("aria-hidden", "true")
  return shortened(svg.outerHTML)
}

/** The spread of the rounds. */
const low = (result: Result): number => Math.min(...result.perRound)
const high = (result: Result): number => Math.max(...result.perRound)

/** One case: a dot for each subject and a line over its rounds, on a logarithmic scale because orders of magnitude differ. */
const dots = (results: ReadonlyArray<Result>): string => {
  const best = ranked(results)
  return draw({
    height: 76 + best.length * 24,
    marginLeft: 200,
    marginRight: 60,
    x: {
      type: "log",
      label: `${best[0]!.unit}, ${betterOf(best[0]!)} is better`,
      grid: true,
    },
    y: { label: null, domain: best.map((result) => result.subject) },
    marks: [
      Plot.ruleY(best, { x1: low, x2: high, y: "subject", stroke: (d: Result) => colour(d.subject), strokeWidth: 2 }),
      Plot.dot(best, { x: "median", y: "subject", r: 5, fill: (d: Result) => colour(d.subject) }),
      Plot.text(best, {
        x: high,
        y: "subject",
        text: (d: Result) => String(Number(d.median.toPrecision(3))),
        textAnchor: "start",
        dx: 10,
        fill: "currentColor",
      }),
    ],
  })
}

interface Point {
  readonly subject: string
  readonly x: number
  readonly y: number
}

interface Axes {
  readonly x: string
  readonly y: string
}

const height = 420
const nameHeight = 17

/** Ends of lines from top to bottom, each with the place of its name. */
const named = (ends: ReadonlyArray<Point>, position: (y: number) => number): ReadonlyArray<Point & { at: number }> => {
  const sorted = ends.toSorted((a, b) => position(a.y) - position(b.y))
  const places = placeLabels(
    sorted.map((end) => position(end.y)),
    nameHeight,
    nameHeight / 2,
  )
  return sorted.map((end, index) => ({ ...end, at: places[index]! }))
}

/** One line for each subject, with its name beside its end. */
const drawLines = (points: ReadonlyArray<Point>, ends: ReadonlyArray<Point>, axes: Axes): string => {
  const scale = Plot.scale({ y: { type: "log", domain: extent(points), range: [height - 46, 20] } })
  const names = named(ends, (y) => scale.apply(y))
  return draw({
    height,
    marginLeft: 70,
    marginRight: 210,
    x: {
      type: "log",
      base: 2,
      labelOffset: 42,
      label: axes.x,
      ticks: [...new Set(points.map((point) => point.x))],
      tickFormat,
    },
    y: { type: "log", label: axes.y, grid: true, tickFormat, domain: extent(points), range: [height - 46, 20] },
    marks: [
      Plot.line(points, { x: "x", y: "y", z: "subject", stroke: (d: Point) => colour(d.subject), strokeWidth: 2 }),
      Plot.dot(points, { x: "x", y: "y", r: 3, fill: (d: Point) => colour(d.subject) }),
      ...names.map((end) =>
        Plot.text([end], {
          x: "x",
          y: "y",
          text: "subject",
          textAnchor: "start",
          dx: 10,
          dy: end.at - scale.apply(end.y),
          fill: colour(end.subject),
        }),
      ),
    ],
  })
}

const extent = (points: ReadonlyArray<Point>): [number, number] => {
  const values = points.map((point) => point.y)
  return [Math.min(...values), Math.max(...values)]
}

/** A histogram of delays, one row for each subject. */
const histograms = (results: ReadonlyArray<Result>): string => {
  const bars = results.flatMap(({ subject, histogram = [] }) => {
    const total = histogram.reduce((sum, { count }) => sum + count, 0)
    return histogram
      .filter(({ upTo }) => upTo > 0)
      .map(({ upTo, count }) => ({ subject, from: upTo / 2 ** 0.25, upTo, share: count / total }))
  })
  const subjects = ranked(results).map((result) => result.subject)
  return draw({
    height: 76 + subjects.length * 46,
    marginLeft: 200,
    x: { type: "log", labelOffset: 42, label: "delay in ms, less is better", grid: true, tickFormat },
    y: { axis: null, label: null },
    fy: { label: null, domain: subjects },
    marks: [
      Plot.rectY(bars, {
        x1: "from",
        x2: "upTo",
        y: "share",
        fy: "subject",
        fill: (d: { subject: string }) => colour(d.subject),
      }),
      Plot.ruleY([0]),
    ],
  })
}

const slug = (...parts: ReadonlyArray<string>): string =>
  parts
    .join("-")
    .replaceAll(/[^a-zA-Z0-9]+/g, "-")
    .toLowerCase()

/** A series of cases of one suite that differ in one number. */
interface Series {
  readonly suite: string
  readonly title: string
  readonly axes: Axes
  readonly cases: ReadonlyArray<readonly [x: number, name: string]>
  readonly y: (median: number) => number
}

const perSecond = (microseconds: number): number => 1_000_000 / microseconds

const flights = [
  [1, "sequential"],
  [8, "8 in flight"],
  [64, "64 in flight"],
] as const

const rowCounts = [
  [1, "1 row"],
  [100, "100 rows"],
  [1_000, "1,000 rows"],
  [10_000, "10,000 rows"],
] as const

const throughput = (suite: string, title: string, cases: Series["cases"]): Series => ({
  suite,
  title,
  axes: { x: "in flight", y: "operations a second, more is better" },
  cases,
  y: perSecond,
})

const growth = (suite: string, title: string): Series => ({
  suite,
  title,
  axes: { x: "rows", y: "µs for a query, less is better" },
  cases: rowCounts,
  y: (median) => median,
})

const seriesList: ReadonlyArray<Series> = [
  throughput("hop", "Calls to a worker: throughput against concurrency", [flights[0], flights[2]]),
  throughput("sqlite-point", "SQLite point selects: throughput against concurrency", flights),
  throughput("ancestors", "Point selects beside the ancestors: throughput against concurrency", [
    [1, "point select, sequential"],
    [64, "point select, 64 in flight"],
  ]),
  throughput("pg-point", "PostgreSQL point selects: throughput against concurrency", flights),
  growth("sqlite-bulk", "SQLite: time against rows"),
  growth("pg-bulk", "PostgreSQL: time against rows"),
]

const seriesChart = (series: Series, runtime: Runtime, results: ReadonlyArray<Result>): ReadonlyArray<Chart> => {
  const used = results.filter(
    (result) => result.suite === series.suite && series.cases.some(([, name]) => name === result.case),
  )
  const points = used.map((result): Point => {
    const [x] = series.cases.find(([, name]) => name === result.case)!
    return { subject: result.subject, x, y: series.y(result.median) }
  })
  if (new Set(points.map((point) => point.x)).size < 2) return []
  return [
    {
      suite: series.suite,
      runtime,
      series: true,
      id: slug(runtime, series.title),
      title: series.title,
      description: `Lines of ${series.axes.y} over ${series.axes.x} on ${runtimeNames[runtime]}, one for each of ${new Set(points.map((point) => point.subject)).size} subjects.`,
      svg: drawLines(points, lastOf(points), series.axes),
      results: used,
    },
  ]
}

const lastOf = (points: ReadonlyArray<Point>): ReadonlyArray<Point> => {
  const last = new Map<string, Point>()
  for (const point of points) if (point.x >= (last.get(point.subject)?.x ?? 0)) last.set(point.subject, point)
  return [...last.values()]
}

const caseChart = (results: ReadonlyArray<Result>): Chart => {
  const { suite, case: name, runtime, unit } = results[0]!
  const [best] = ranked(results)
  return {
    suite,
    runtime,
    series: false,
    id: slug(runtime, suite, name),
    title: `${suite}: ${name}`,
    description: `${results.length} subjects on ${runtimeNames[runtime]}, in ${unit}; best is ${best!.subject} with ${figure(best!.median)}.`,
    svg: results.some((result) => result.histogram !== undefined) ? histograms(results) : dots(results),
    results,
  }
}

/** Every chart of a runtime: first how figures grow, then every case by itself. */
export const chartsOf = (report: Report, runtime: Runtime): ReadonlyArray<Chart> => {
  const results = report.results.filter((result) => result.runtime === runtime)
  const cases = Map.groupBy(results, (result) => `${result.suite} ${result.case}`)
  return [
    ...seriesList.flatMap((series) => seriesChart(series, runtime, results)),
    ...Array.from(cases.values(), caseChart),
  ]
}
