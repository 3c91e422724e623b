import { rmSync } from "node:fs"
import { join } from "node:path"
import type { Placement } from "@offloop/orm-async"
import type { DriverUnderTest } from "@offloop/orm-async/testing"
import { sqlite } from "../src/index.ts"
import { temporaryFolder } from "./temporary-folder.ts"

// A query that works for a moment and gives no row. Nothing can stop it, so it must end by itself.
const slow = `
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
  SELECT count(*) FROM n`

const setting = { change: "PRAGMA cache_size = 7", show: "SELECT cache_size FROM pragma_cache_size" }

/** SQLite in a placement, each test with a file of its own. */
export const sqliteFile = (placement: Placement): DriverUnderTest => {
  const folder = temporaryFolder()
  let made = 0
  return {
    name: `sqlite-${placement}`,
    driver: sqlite,
    placement,
    database: async () => {
      const path = join(folder, `${++made}.db`)
      return {
        url: `sqlite:///${path}`,
        remove: async () => {
          // SQLite removes the log itself if nothing is left open; Windows removes no open file.
          rmSync(path, { force: true })
        },
      }
    },
    exposesDriverConnection: placement === "inline",
    sql: { slow, setting },
  }
}

/** SQLite in a placement, each test with a memory of its own. */
export const sqliteMemory = (placement: Placement): DriverUnderTest => ({
  name: `sqlite-memory-${placement}`,
  driver: sqlite,
  placement,
  database: async () => ({ url: "sqlite://", remove: async () => {} }),
  singleConnection: true,
  exposesDriverConnection: placement === "inline",
  sql: { slow, setting },
})
