import * as Effect from "effect/Effect"
import type { Compiled } from "../../compiler/compiled.ts"
import type { EngineCore } from "../../engine/internal/engine-core.ts"
import { parametersText } from "../../errors/parameters-text.ts"
import { failedStep } from "./statement-run.ts"

/** Logs a statement's SQL and parameters. */
export const logged = (
  engine: EngineCore,
  compiled: Compiled<unknown>,
  loggingToken: string | undefined,
): Effect.Effect<void> =>
  Effect.forEach(
    compiled.steps,
    (step) => {
      const { statement, parameters } = failedStep(step, engine.hideParameters)
      const values = engine.hideParameters || parameters === undefined ? "[hidden]" : parametersText(parameters)
      const token = loggingToken === undefined ? "" : `[${loggingToken}] `
      return Effect.logInfo(`${token}${statement}`).pipe(
        Effect.annotateLogs({ engine: engine.loggingName, parameters: values }),
      )
    },
    { discard: true },
  )
