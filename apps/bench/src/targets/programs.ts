/** Targets of whole programs: against the ancestors, and from their start. */
import { better, effectSqlite, engineWorker } from "./names.ts"
import { type RatioTarget, ratio, type SumTarget, sum, term } from "./target.ts"

export const ancestors: ReadonlyArray<RatioTarget> = (
  [
    ["SQLAlchemy asyncio", 20],
    ["SQLAlchemy through anyio", 8],
  ] as const
).flatMap(([ancestor, goal]) =>
  (["sequential", "64 in flight"] as const).map((flight) =>
    ratio(
      "ancestors",
      `point select, ${flight}`,
      engineWorker,
      ancestor,
      goal,
      `point selects, ${flight}, at least ${goal} times as fast as ${ancestor}`,
    ),
  ),
)

/** Not those that are SQLite in the loop itself. */
export const cold: ReadonlyArray<RatioTarget> = (["sequential", "64 in flight"] as const).flatMap((flight) =>
  (["p50", "total"] as const).flatMap((figure) =>
    (
      [
        ["sqlite3", 1],
        [effectSqlite, 1],
        ["kysely", 1],
        ["drizzle", 1],
        ["SQLAlchemy asyncio", 5],
        ["SQLAlchemy through anyio", 5],
      ] as const
    ).map(([against, goal]) =>
      ratio(
        "cold",
        `${flight}: ${figure}`,
        engineWorker,
        against,
        goal,
        `the first 1,000 point selects, ${flight}, ${figure}: ${goal === 1 ? "as fast as" : `at least ${goal} times as fast as`} ${against}`,
      ),
    ),
  ),
)

const whole = "start, one query, end"

export const startup: ReadonlyArray<RatioTarget> = [
  ratio(
    "startup",
    whole,
    "offloop promise inline",
    better,
    1 / 1.8,
    "a program of one query, inline: at most 1.8 times what it takes with better-sqlite3",
  ),
]

export const workerStart: SumTarget = sum(
  "startup",
  whole,
  "offloop promise worker",
  [
    term(1, "startup", whole, "offloop promise inline"),
    term(1, "startup", whole, "bare worker"),
    term(-1, "startup", whole, "nothing"),
  ],
  "a program of one query: the worker adds no more than the start of a bare worker",
)
