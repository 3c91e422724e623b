/** The comparison, heading by heading. Facts are written here; figures come from the report. */
import type { Report } from "../../model.ts"
import type { Chart } from "../charts.ts"
import type { Section } from "../content.ts"
import { api } from "./api.ts"
import { architecture } from "./architecture.ts"
import { backends } from "./backends.ts"
import { parallelism } from "./parallelism.ts"
import { performance } from "./performance.ts"
import { recommendations } from "./recommendations.ts"
import { tradeOffs } from "./trade-offs.ts"

/** @param charts all that there are: those that belong to a heading stand under it. */
export const comparison = (report: Report, charts: ReadonlyArray<Chart>): ReadonlyArray<Section> => [
  architecture,
  api(),
  performance(report, charts),
  parallelism(report),
  backends(report),
  tradeOffs(report),
  recommendations(report),
]
