/** Targets of sessions. */
import { type RatioTarget, ratio } from "./target.ts"

const ormCases = [
  ["orm-insert", "1,010 objects"],
  ["orm-load", "an entity by its key"],
  ["orm-load", "1,000 entities"],
  ["orm-load", "load 1,000, change 100, save"],
] as const

export const sessions: ReadonlyArray<RatioTarget> = (["worker", "inline"] as const).flatMap((placement) => [
  ratio(
    "sqlite-point",
    "sequential",
    `offloop session promise ${placement}`,
    `offloop engine ${placement}`,
    1 / 1.6,
    `an entity by its key, ${placement}: at most 1.6 times what a one-shot select takes`,
  ),
  ...ormCases.flatMap(([suite, name]) =>
    ["typeorm", "mikro-orm"].map((against) =>
      ratio(
        suite,
        name,
        `offloop session promise ${placement}`,
        against,
        1,
        `${suite}, ${name}, ${placement}: as fast as ${against}`,
      ),
    ),
  ),
])
