/** Every suite, in the order in which they run. */
import type { Suite } from "../suite.ts"
import { ancestors } from "./ancestors.ts"
import { cold } from "./cold/cold.ts"
import { coreExecute } from "./core-execute.ts"
import { hop } from "./hop.ts"
import { http } from "./http/http.ts"
import { loopDelay } from "./loop-delay.ts"
import { memory } from "./memory/memory.ts"
import { ormInsert } from "./orm/insert.ts"
import { ormLoad } from "./orm/load.ts"
import { pgBulk } from "./pg/bulk.ts"
import { pgPoint } from "./pg/point.ts"
import { sqliteBulk } from "./sqlite/bulk.ts"
import { sqlitePoint } from "./sqlite/point.ts"
import { sqliteWrite } from "./sqlite/write.ts"
import { startup } from "./startup/startup.ts"

export const suites: ReadonlyArray<Suite> = [
  hop,
  sqlitePoint,
  sqliteBulk,
  sqliteWrite,
  loopDelay,
  coreExecute,
  pgPoint,
  pgBulk,
  ormInsert,
  ormLoad,
  http,
  startup,
  cold,
  memory,
  ancestors,
]

export const suiteNamed = (name: string): Suite => {
  const found = suites.find((suite) => suite.name === name)
  if (found === undefined) throw new RangeError(`There is no suite "${name}"`)
  return found
}
