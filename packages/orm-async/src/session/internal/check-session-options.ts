import * as Either from "effect/Either"
import { ArgumentError } from "../../errors/index.ts"
import { checkKeys, shown } from "../../options/check-options.ts"
import type { SessionOptions } from "../session-options.ts"

/** A session's options, complete. */
export interface SessionSettings {
  readonly autoflush: boolean
  readonly expireOnCommit: boolean
  readonly info: Readonly<Record<string, unknown>>
}

const known = ["autoflush", "expireOnCommit", "info"] as const satisfies ReadonlyArray<keyof SessionOptions>

const flag = (name: string, value: unknown, byDefault: boolean): boolean => {
  if (value === undefined) return byDefault
  if (typeof value === "boolean") return value
  throw new ArgumentError({ message: `AsyncSession.make: ${name} must be a boolean; got ${shown(value)}` })
}

/** Checks a session's options and fills in defaults. */
export const checkSessionOptions = (options: SessionOptions): Either.Either<SessionSettings, ArgumentError> =>
  Either.try({
    try: () => {
      checkKeys(options, known, "AsyncSession.make")
      return {
        autoflush: flag("autoflush", options.autoflush, true),
        expireOnCommit: flag("expireOnCommit", options.expireOnCommit, false),
        info: { ...options.info },
      }
    },
    catch: (error) => {
      if (error instanceof ArgumentError) return error
      throw error
    },
  })
