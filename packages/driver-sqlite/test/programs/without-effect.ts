/** Queries a database in every placement, and says whether a module of Effect was loaded for it. */
import { AsyncSession, createAsyncEngine, textClause } from "@offloop/orm-async/promise"
import { createEngine } from "@offloop/orm-async/sync"
import "../../src/index.ts"

const [, , url = "sqlite://"] = process.argv
const answer = textClause("SELECT 42 AS answer")

// Every module of Effect that keeps state leaves this global behind.
const effect = (): string => ("effect/GlobalValue" in globalThis ? "loaded" : "not loaded")

for (const placement of ["worker", "inline"] as const) {
  await using engine = await createAsyncEngine(url, { placement })
  await using session = await AsyncSession.make(engine)
  console.log(placement, await engine.scalar(answer), await session.scalar(answer))
}
{
  using engine = createEngine(url)
  console.log("sync", engine.scalar(answer))
}
console.log("effect", effect())
// Shows that the check finds Effect once it is loaded.
await import("effect/Effect")
console.log("effect", effect())
