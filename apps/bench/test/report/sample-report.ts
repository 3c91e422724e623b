/** A report with something of everything, made up: what is shown is tested, not what is measured. */
import type { Report, Result, Runtime } from "../../src/model.ts"

export const result = (
  suite: string,
  name: string,
  subject: string,
  median: number,
  more: Partial<Result> = {},
): Result => ({
  suite,
  case: name,
  runtime: "node",
  subject,
  unit: "µs",
  median,
  p95: median * 2,
  p99: median * 3,
  min: median / 2,
  max: median * 4,
  rounds: 2,
  perRound: [median * 0.9, median * 1.1],
  operationsPerSample: 1,
  ratios: {},
  ...more,
})

const histogram = [
  { upTo: 0, count: 1 },
  { upTo: 2, count: 3 },
  { upTo: 1_024, count: 900 },
]

const on = (runtime: Runtime): ReadonlyArray<Result> => {
  const here = (suite: string, name: string, subject: string, median: number, more: Partial<Result> = {}) =>
    result(suite, name, subject, median, { runtime, ...more })
  return [
    here("hop", "sequential", "offloop promise", 12, { ratios: { piscina: 4, postMessage: 2 } }),
    here("hop", "sequential", "piscina", 48),
    here("hop", "sequential", "postMessage", 24),
    here("hop", "64 in flight", "offloop promise", 2, { ratios: { piscina: 24, postMessage: 0.5 } }),
    here("hop", "64 in flight", "piscina", 48),
    here("hop", "64 in flight", "postMessage", 1),
    ...["sequential", "8 in flight", "64 in flight"].flatMap((name, index) => [
      here("sqlite-point", name, "offloop engine worker", 12 / (index + 1), {
        ratios: { "better-sqlite3": (4 * (index + 1)) / 12, "offloop engine inline": 0.5 },
      }),
      here("sqlite-point", name, "offloop engine inline", 6),
      here("sqlite-point", name, "better-sqlite3", 4),
    ]),
    ...["1 row", "100 rows", "1,000 rows", "10,000 rows"].map((name, index) =>
      here("sqlite-bulk", name, "offloop engine worker", 10 * 8 ** index, { ratios: {} }),
    ),
    here("loop-delay", "a 1 s aggregate", "offloop engine worker", 1.5, {
      unit: "ms",
      histogram,
      ratios: { "SQLAlchemy asyncio": 0.167, "SQLAlchemy through anyio": 0.5, "better-sqlite3": 600 },
    }),
    here("loop-delay", "a 1 s aggregate", "better-sqlite3", 900, { unit: "ms", histogram }),
    here("loop-delay", "a 1 s aggregate", "SQLAlchemy asyncio", 0.25, { unit: "ms", histogram }),
    here("loop-delay", "a 1 s aggregate", "SQLAlchemy through anyio", 0.75, { unit: "ms", histogram }),
    here("memory", "an idle worker", "offloop resident", 7, { unit: "MiB" }),
    here("http", "requests a second", "offloop worker", 4_000, { unit: "1/s" }),
    here("ancestors", "point select, sequential", "SQLAlchemy asyncio", 230),
    here("ancestors", "point select, sequential", "SQLAlchemy through anyio", 85),
    here("ancestors", "point select, sequential", "offloop engine worker", 120, {
      ratios: { "SQLAlchemy asyncio": 1.917, "SQLAlchemy through anyio": 0.708 },
    }),
    here("ancestors", "point select, 64 in flight", "SQLAlchemy asyncio", 330),
    here("ancestors", "point select, 64 in flight", "offloop engine worker", 15, {
      ratios: { "SQLAlchemy asyncio": 22 },
    }),
  ]
}

export const report: Report = {
  machine: { cpu: "A <fast> & wide one", cores: 2, memoryGiB: 8, os: "Linux", loadAtStart: 0.1 },
  versions: { node: "24.0.0", python: "3.11.0", sqlalchemy: "2.0.54" },
  date: "2026-11-22T10:00:00.000Z",
  quick: false,
  results: [...on("node"), ...on("bun")],
  leftOut: [{ suite: "hop", runtime: "bun", subject: "workerpool", reason: 'no answer to "check" | within 12 s' }],
  targets: [
    {
      suite: "sqlite-point",
      case: "64 in flight",
      runtime: "node",
      statement: "at least as fast",
      goal: 1,
      measured: null,
      met: false,
    },
  ],
}

/** The headings of its page. */
export const titles = [
  "Architecture differences",
  "API compatibility",
  "Performance considerations",
  "Free-threading and parallelism",
  "Backends",
  "Trade-offs",
  "Recommendations",
  "Targets",
  "Measured on Node",
  "Measured on Bun",
  "Left out",
  "Versions",
]
