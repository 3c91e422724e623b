/** What the figures have to reach: data alone. `report/targets.ts` compares them with a run. */
import type { Runtime } from "./model.ts"

/** Ours must be at least `goal` times as good as another subject. */
export interface RatioTarget {
  readonly kind: "ratio"
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly statement: string
  readonly ours: string
  readonly against: string
  readonly goal: number
}

/** A figure of ours must be at most `goal`, in the case's unit. */
export interface CeilingTarget {
  readonly kind: "ceiling"
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly statement: string
  readonly ours: string
  readonly figure: "median" | "p99"
  readonly goal: number
}

export type Target = RatioTarget | CeilingTarget

const ratio = (
  suite: string,
  name: string,
  ours: string,
  against: string,
  goal: number,
  statement: string,
): Target => ({
  kind: "ratio",
  suite,
  case: name,
  runtime: "node",
  statement,
  ours,
  against,
  goal,
})

const on = (runtime: Runtime, target: Target): Target => ({ ...target, runtime })

/** Every case of the hop suite that the bare channel takes part in. */
const bareCases = [
  "sequential",
  "64 in flight",
  "1 KiB each way",
  "100 KiB each way",
  "1,000 rows",
  "stream of 100,000 items",
]

/** Compared with subjects that are called for promises, as they are; the Effect API beside it has to do as well. */
const promises = "offloop promise"

const neverSlowerThanBare = (["bun", "deno"] as const).flatMap((runtime) =>
  bareCases.map((name) =>
    on(runtime, ratio("hop", name, promises, "postMessage", 1, `never slower than bare postMessage: ${name}`)),
  ),
)

export const targets: ReadonlyArray<Target> = [
  ...([promises, "offloop"] as const).flatMap((ours) => {
    const by = ours === promises ? "Promise API" : "Effect API"
    return [
      ratio("hop", "sequential", ours, "piscina", 5, `${by}: sequential calls at least 5 times as fast as piscina's`),
      ratio(
        "hop",
        "sequential",
        ours,
        "shared memory",
        1 / 1.5,
        `${by}: sequential calls within 1.5 times the bare shared-memory round trip`,
      ),
      ratio(
        "hop",
        "64 in flight",
        ours,
        "piscina",
        15,
        `${by}: 64 calls in flight at least 15 times as fast as piscina's`,
      ),
      ratio("hop", "64 in flight", ours, "postMessage", 1, `${by}: 64 calls in flight faster than bare postMessage`),
    ]
  }),
  ...(["sequential", "64 in flight"] as const).map((name) =>
    ratio(
      "hop",
      name,
      "offloop resident among 1,000",
      "offloop resident",
      0.95,
      `1,000 idle residents beside it cost a call nothing that can be measured: ${name}`,
    ),
  ),
  ...neverSlowerThanBare,
  ratio(
    "sqlite-point",
    "64 in flight",
    "offloop core worker",
    "better-sqlite3",
    1,
    "point selects with 64 in flight at least as fast as better-sqlite3 on the loop",
  ),
  ratio(
    "sqlite-point",
    "64 in flight",
    "offloop core worker",
    "@effect/sql-sqlite-node",
    5,
    "point selects with 64 in flight at least 5 times as fast as @effect/sql-sqlite-node",
  ),
  ratio(
    "sqlite-point",
    "sequential",
    "offloop core worker",
    "sqlite3",
    2,
    "point selects one after another at least twice as fast as sqlite3",
  ),
  ratio(
    "sqlite-bulk",
    "1,000 rows",
    "offloop core worker",
    "better-sqlite3",
    1.1,
    "1,000 rows at least 1.1 times as fast as better-sqlite3's all() on the loop",
  ),
  ratio(
    "sqlite-bulk",
    "1,000 rows: time on the loop",
    "offloop core worker",
    "better-sqlite3",
    1 / 0.15,
    "1,000 rows with at most 0.15 of the time that better-sqlite3's all() takes of the loop",
  ),
  ratio(
    "sqlite-write",
    "FULL, 64 in flight",
    "offloop core worker",
    "better-sqlite3",
    15,
    "durable autocommit inserts with 64 in flight at least 15 times as fast as better-sqlite3 on the loop",
  ),
  ...(["a 1 s aggregate", "a 10,000-row load"] as const).map(
    (name): Target => ({
      kind: "ceiling",
      suite: "loop-delay",
      case: name,
      runtime: "node",
      statement: `event-loop delay at most 5 ms at p99 during ${name}`,
      ours: "offloop core worker",
      figure: "p99",
      goal: 5,
    }),
  ),
  ...(["SQLAlchemy asyncio", "SQLAlchemy through anyio"] as const).flatMap((ancestor) =>
    (["sequential", "64 in flight"] as const).map((flight) =>
      ratio(
        "ancestors",
        `point select, ${flight}`,
        "offloop core worker",
        ancestor,
        20,
        `point selects, ${flight}, at least 20 times as fast as ${ancestor}`,
      ),
    ),
  ),
]
