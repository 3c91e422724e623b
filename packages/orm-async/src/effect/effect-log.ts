import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type { Log, LogLevel } from "../operation/log.ts"

const logAt: Readonly<Record<LogLevel, (...message: ReadonlyArray<unknown>) => Effect.Effect<void>>> = {
  debug: Effect.logDebug,
  info: Effect.logInfo,
  warning: Effect.logWarning,
}

const isAnnotations = (details: unknown): details is Record<string, unknown> =>
  typeof details === "object" && details !== null && Object.getPrototypeOf(details) === Object.prototype

/** The log of an engine's runtime; statements are logged by the fiber that executes them. */
export const logOf =
  (runtime: Runtime.Runtime<never>): Log =>
  (level, message, details) => {
    const written = isAnnotations(details)
      ? Effect.annotateLogs(logAt[level](message), details)
      : details === undefined
        ? logAt[level](message)
        : logAt[level](message, details)
    const fiber = level === "info" ? Option.getOrUndefined(Fiber.getCurrentFiber()) : undefined
    const fiberRefs = fiber === undefined ? runtime.fiberRefs : fiber.getFiberRefs()
    Runtime.runSync(Runtime.make({ context: runtime.context, runtimeFlags: runtime.runtimeFlags, fiberRefs }))(written)
  }
