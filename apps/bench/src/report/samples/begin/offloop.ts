import "@offloop/driver-sqlite"
import { createAll, createAsyncEngine, eq, insert, integer, select, table, update } from "@offloop/orm-async/promise"

const accounts = table("accounts", { id: integer().primaryKey(), balance: integer() })

await using engine = await createAsyncEngine("sqlite:///./app.db")
await engine.begin((conn) => conn.execute(createAll([accounts])))
await engine.begin((conn) => conn.execute(insert(accounts).values([{ balance: 10 }, { balance: 0 }])))

// Commits when the block ends, rolls back when it throws.
await engine
  .begin(async (conn) => {
    await conn.execute(update(accounts).set({ balance: -90 }).where(eq(accounts.c.id, 1)))
    await conn.beginNested(async () => {
      await conn.execute(update(accounts).set({ balance: 100 }).where(eq(accounts.c.id, 2)))
    })
    throw new Error("not enough")
  })
  .catch((error: Error) => console.log(error.message))

await using conn = await engine.connect()
console.log((await conn.execute(select(accounts))).all().map((account) => account.balance))
