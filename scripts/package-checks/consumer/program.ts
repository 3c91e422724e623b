/** A first program of somebody who has installed the packages: `node program.ts <database file>`. */
import "@offloop/driver-sqlite"
import "@offloop/driver-pg"
import {
  createAll,
  createAsyncEngine,
  eq,
  insert,
  integer,
  select,
  table,
  text,
  textClause,
} from "@offloop/orm-async/promise"
import { Backend } from "@offloop/runtime"

const users = table("users", {
  id: integer().primaryKey(),
  name: text(),
})

const [, , file = ""] = process.argv
await using engine = await createAsyncEngine(`sqlite:///${file}`)

await engine.begin(async (conn) => {
  await conn.execute(createAll([users]))
  await conn.execute(insert(users).values([{ name: "ann" }, { name: "bob" }]))
})

await using conn = await engine.connect()
const rows: ReadonlyArray<{ readonly id: number; readonly name: string }> = (
  await conn.execute(select(users).where(eq(users.c.name, "ann")))
).all()

// While a query runs in a worker, the loop goes on: a timer that ticks meanwhile is the proof.
let ticks = 0
const timer = setInterval(() => ticks++, 1)
const counted = await conn.scalar(
  textClause(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT count(*) FROM n",
  ),
)
clearInterval(timer)

console.log(JSON.stringify({ rows, counted, loopWentOn: ticks > 2, runtime: Backend.detect().name }))
