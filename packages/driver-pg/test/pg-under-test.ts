import { randomUUID } from "node:crypto"
import { makeUrl, type Placement } from "@offloop/orm-async"
import type { DriverUnderTest } from "@offloop/orm-async/testing"
import { postgres } from "../src/index.ts"
import { administer, serverUrl } from "./server.ts"

/** A schema of a test's own, as a URL whose sessions find nothing else. */
export const makeSchema = async () => {
  const schema = `test_${randomUUID().replaceAll("-", "")}`
  await administer(`CREATE SCHEMA ${schema}`)
  return {
    url: makeUrl(serverUrl()).updateQuery({ search_path: schema }).renderAsString({ hidePassword: false }),
    remove: () => administer(`DROP SCHEMA ${schema} CASCADE`),
  }
}

/** PostgreSQL in a placement, each test with a schema of its own. */
export const postgresIn = (placement: Placement): DriverUnderTest => ({
  name: `pg-${placement}`,
  driver: postgres,
  placement,
  database: makeSchema,
  exposesDriverConnection: placement === "inline",
  sql: {
    slow: "SELECT pg_sleep(600)",
    setting: { change: "SET work_mem = '77MB'", show: "SELECT current_setting('work_mem')" },
    connectionId: "SELECT pg_backend_pid()",
    kill: (id) => `SELECT pg_terminate_backend(${Number(id)})`,
  },
})
