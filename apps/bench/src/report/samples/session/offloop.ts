import "@offloop/driver-sqlite"
import { AsyncSession, createAll, createAsyncEngine, Entity, integer, table, text } from "@offloop/orm-async/promise"

const users = table("users", { id: integer().primaryKey(), name: text() })
class User extends Entity(users) {}

await using engine = await createAsyncEngine("sqlite:///./app.db")
await engine.begin((conn) => conn.execute(createAll([users])))

await using session = await AsyncSession.make(engine)
const ann = new User({ name: "ann" })
session.add(ann)
await session.commit()

ann.name = "anna"
await session.commit()
console.log((await session.get(User, ann.id))?.name)
