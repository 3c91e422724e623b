import { randomUUID } from "node:crypto"
import { makeUrl, type Placement } from "@offloop/orm-async"
import type { DriverUnderTest } from "@offloop/orm-async/testing"
import postgresJs from "postgres"
import { postgres } from "../src/index.ts"

/** The server that the tests run on. */
export const serverUrl = (): string => {
  const url = process.env.OFFLOOP_TEST_PG_URL
  if (url === undefined || url === "") {
    throw new Error(
      "OFFLOOP_TEST_PG_URL names no server. Run the tests with `npx pnpm@12 test`, or start one with " +
        "`node scripts/postgres.ts` and set OFFLOOP_TEST_PG_URL to the URL that it prints.",
    )
  }
  return url
}

/** Runs SQL on the server behind the driver's back. */
export const administer = async (sql: string): Promise<void> => {
  const client = postgresJs(serverUrl(), { max: 1, onnotice: () => {} })
  try {
    await client.unsafe(sql)
  } finally {
    await client.end({ timeout: 5 })
  }
}

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
    connectionId: "SELECT pg_backend_pid()",
    kill: (id) => `SELECT pg_terminate_backend(${Number(id)})`,
  },
})
