import * as Effect from "effect/Effect"
import { runMain } from "../../src/process/run-main.ts"

/** Waits (or fails, or finishes, as told) and says, a little later, when it has undone what it began. */
const outcome = process.argv[2]
const body =
  outcome === "finish"
    ? Effect.succeed(3)
    : outcome === "die"
      ? Effect.dieMessage("a fault of the program")
      : Effect.never

runMain(
  Effect.acquireUseRelease(
    Effect.sync(() => console.log("begun")),
    () => body,
    () => Effect.sleep("50 millis").pipe(Effect.zipRight(Effect.sync(() => console.error("undone")))),
  ),
)
