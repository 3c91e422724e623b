import * as Effect from "effect/Effect"
import type { ArgumentError } from "../../errors/index.ts"
import type { SessionOptions } from "../session-options.ts"
import { checkSessionOptions } from "./check-session-options.ts"
import { EngineSession } from "./engine-session.ts"
import type { Bind } from "./session-connection.ts"

/** A session whose lifetime is up to the caller, who must `end` it. */
export const openSession = (bind: Bind, options: SessionOptions): Effect.Effect<EngineSession, ArgumentError> =>
  Effect.map(
    Effect.suspend(() => checkSessionOptions(options)),
    (settings) => new EngineSession(bind, settings),
  )
