/**
 * Runs queries and ends: `query.ts <url> <placement> <end>`. Where `end` is `open`, connections are left open for ever;
 * where it is `closed`, they are closed.
 */
import { createAsyncEngine, textClause } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import "../../src/index.ts"

const [url = "", placement, end] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const engine = yield* createAsyncEngine(url, { placement: placement === "inline" ? "inline" : "worker" })
  const connections = yield* Effect.all([engine.connect, engine.connect])
  for (const conn of connections) {
    console.log(`answer ${yield* conn.scalar(textClause("SELECT 41 + 1"))}`)
    yield* conn.commit
  }
})

const scope = await Effect.runPromise(Scope.make())
await Effect.runPromise(Scope.extend(program, scope))
if (end === "closed") await Effect.runPromise(Scope.close(scope, Exit.void))
console.log("done")
