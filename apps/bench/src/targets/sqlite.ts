/** Targets of statements without a database, and over SQLite. */
import { better, effectSqlite, engineInline, engineWorker } from "./names.ts"
import { type CeilingTarget, type RatioTarget, ratio, type SumTarget, sum, term } from "./target.ts"

const execute = "execute over a connection that answers at once"
const onLoop = "1,000 rows: time on the loop"

export const core: ReadonlyArray<RatioTarget> = [
  ratio("core-execute", execute, "offloop engine", "kysely", 1, "Promise API without a database: as fast as Kysely"),
  ratio(
    "core-execute",
    execute,
    "offloop effect engine",
    "@effect/sql",
    1,
    "Effect API without a database: as fast as @effect/sql",
  ),
]

/** At 64 in flight; connecting for each operation is done in both styles. */
const inFlight = (ours: string, against: string, goal: number, how: string): RatioTarget =>
  ratio(
    "sqlite-point",
    "64 in flight",
    ours,
    against,
    goal,
    `point selects, 64 in flight, ${how}: at least ${goal} times as fast as ${against}`,
  )

export const sqlite: ReadonlyArray<RatioTarget> = [
  ratio(
    "sqlite-point",
    "sequential",
    engineInline,
    better,
    1 / 2.5,
    "point selects one after another, inline: at most 2.5 times what better-sqlite3 takes",
  ),
  ...["kysely", effectSqlite].map((against) =>
    ratio(
      "sqlite-point",
      "sequential",
      engineInline,
      against,
      1,
      `point selects one after another, inline: as fast as ${against}`,
    ),
  ),
  ratio(
    "sqlite-point",
    "sequential",
    engineWorker,
    "sqlite3",
    2,
    "point selects one after another, worker: at least twice as fast as sqlite3",
  ),
  inFlight(engineWorker, better, 0.7, "one-shot"),
  inFlight(engineWorker, effectSqlite, 4, "one-shot"),
  inFlight(engineWorker, "sqlite3", 4, "one-shot"),
  inFlight("offloop promise worker", better, 0.35, "connecting for each by the Promise API"),
  inFlight("offloop core worker", better, 0.35, "connecting for each by the Effect API"),
  ratio(
    "sqlite-bulk",
    "1,000 rows",
    engineWorker,
    better,
    1 / 1.3,
    "1,000 rows, worker: at most 1.3 times what better-sqlite3 takes",
  ),
  ratio(
    "sqlite-bulk",
    onLoop,
    engineWorker,
    better,
    1 / 0.35,
    "1,000 rows, worker: at most 0.35 of the time that better-sqlite3 takes of the loop",
  ),
  ratio(
    "sqlite-write",
    "FULL, 64 in flight",
    engineWorker,
    better,
    15,
    "durable autocommit inserts with 64 in flight at least 15 times as fast as better-sqlite3 on the loop",
  ),
]

export const hopAtMost: SumTarget = sum(
  "sqlite-point",
  "sequential",
  engineWorker,
  [term(1, "sqlite-point", "sequential", engineInline), term(1.5, "hop", "sequential", "shared memory")],
  "point selects one after another: the worker takes at most 1.5 times the bare hop more than inline",
)

export const loopDelay = (["a 1 s aggregate", "a 10,000-row load"] as const).map(
  (name): CeilingTarget => ({
    kind: "ceiling",
    suite: "loop-delay",
    case: name,
    runtime: "node",
    statement: `event-loop delay at most 5 ms at p99 during ${name}`,
    ours: "offloop engine worker",
    figure: "p99",
    goal: 5,
  }),
)
