import "@offloop/driver-sqlite"
import { asc, createAll, createAsyncEngine, insert, integer, select, table } from "@offloop/orm-async/promise"

const numbers = table("numbers", { n: integer().primaryKey() })

await using engine = await createAsyncEngine("sqlite:///./app.db")
await engine.begin((conn) => conn.execute(createAll([numbers])))
await engine.begin((conn) => conn.execute(insert(numbers).values(Array.from({ length: 1000 }, (_, n) => ({ n })))))

await using conn = await engine.connect()
let sum = 0
for await (const row of conn.stream(select(numbers).orderBy(asc(numbers.c.n)))) {
  if (row.n === 500) break
  sum += row.n
}
console.log(sum)
