/** Targets of PostgreSQL. */
import { engineInline } from "./names.ts"
import { type RatioTarget, ratio } from "./target.ts"

export const postgres: ReadonlyArray<RatioTarget> = [
  ...(["sequential", "64 in flight"] as const).flatMap((name) =>
    (
      [
        ["postgres.js", 0.85],
        ["@effect/sql-pg", 1.5],
      ] as const
    ).map(([against, goal]) =>
      ratio(
        "pg-point",
        name,
        engineInline,
        against,
        goal,
        `point selects from PostgreSQL, ${name}: at least ${goal} times as fast as ${against}`,
      ),
    ),
  ),
  ratio(
    "pg-bulk",
    "10,000 rows",
    engineInline,
    "postgres.js",
    1 / 1.1,
    "10,000 rows from PostgreSQL: at most 1.1 times what postgres.js takes",
  ),
]
