import * as Effect from "effect/Effect"
import { attempt as attemptStatement } from "../../connection/internal/attempt.ts"
import { CircularDependencyError, FlushError } from "../../errors/index.ts"
import type { SessionError } from "../session-error.ts"

/** Runs pure code of the session that throws typed errors: those become failures, anything else is a defect. */
export const attempt = <A>(run: () => A): Effect.Effect<A, SessionError> =>
  Effect.suspend((): Effect.Effect<A, SessionError> => {
    try {
      return Effect.succeed(run())
    } catch (error) {
      if (error instanceof FlushError || error instanceof CircularDependencyError) return Effect.fail(error)
      return attemptStatement((): never => {
        throw error
      })
    }
  })
