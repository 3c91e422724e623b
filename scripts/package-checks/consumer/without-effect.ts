/** A query with Promises, in every placement: `node without-effect.ts <database file>`. Says whether Effect was loaded. */
import "@offloop/driver-sqlite"
import { createAsyncEngine, textClause } from "@offloop/orm-async/promise"

const [, , file = ""] = process.argv

// Modules of Effect that keep anything are known by it.
const effect = (): string => ("effect/GlobalValue" in globalThis ? "loaded" : "not loaded")

for (const placement of ["inline", "worker"] as const) {
  await using engine = await createAsyncEngine(`sqlite:///${file}`, { placement })
  console.log(placement, await engine.scalar(textClause("SELECT 42")), effect())
}
// Shows that it can be told.
await import("effect/Effect")
console.log("effect", effect())
