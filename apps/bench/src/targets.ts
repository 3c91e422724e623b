/** Targets of the figures. `report/targets.ts` compares them with a run. */
import { postgres } from "./targets/postgres.ts"
import { ancestors, cold, startup, workerStart } from "./targets/programs.ts"
import { sessions } from "./targets/sessions.ts"
import { core, hopAtMost, loopDelay, sqlite } from "./targets/sqlite.ts"
import type { AcrossTarget, RatioTarget, Target } from "./targets/target.ts"
import { calls, memory, neverSlowerThanBare } from "./targets/workers.ts"

/** Suites whose peers exist on every runtime. The hop suite is not among them: each runtime calls workers in its own way. */
const compared: ReadonlyArray<RatioTarget> = [
  ...core,
  ...sqlite,
  ...sessions.filter(({ against }) => !against.startsWith("offloop")),
  ...postgres,
  ...ancestors,
  ...cold,
  ...startup,
]

const across = (["bun", "deno"] as const).flatMap((runtime) =>
  Array.from(
    Map.groupBy(compared, (target) => JSON.stringify([target.suite, target.case, target.ours])).values(),
    (targets): AcrossTarget => {
      const { suite, case: name, ours } = targets[0]!
      return {
        kind: "across",
        suite,
        case: name,
        runtime,
        statement: `${suite}, ${name}, ${ours}: at least 0.8 of what Node reaches against the same peer`,
        ours,
        against: targets.map(({ against }) => against),
        goal: 0.8,
      }
    },
  ),
)

export const targets: ReadonlyArray<Target> = [
  ...calls,
  ...neverSlowerThanBare,
  ...core,
  ...sqlite,
  hopAtMost,
  ...sessions,
  ...postgres,
  ...loopDelay,
  ...ancestors,
  ...cold,
  ...startup,
  workerStart,
  ...memory,
  ...across,
]
