import "@offloop/driver-sqlite"
import { createAll, createAsyncEngine, eq, insert, integer, select, table, text } from "@offloop/orm-async/promise"

const users = table("users", { id: integer().primaryKey(), name: text() })

await using engine = await createAsyncEngine("sqlite:///./app.db")
await engine.begin((conn) => conn.execute(createAll([users])))
await engine.begin((conn) => conn.execute(insert(users).values([{ name: "ann" }, { name: "bo" }])))

await using conn = await engine.connect()
const result = await conn.execute(select(users).where(eq(users.c.name, "ann")))
console.log(result.first()?.name)
