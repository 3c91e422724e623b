/**
 * Runs Effects in a worker, or inline, as a part of the call that the code runs for: with the caller's log annotations, log
 * spans, minimum log level, span, metric labels and crossing refs, and with what they log, trace and count coming out
 * through the program's own Logger, Tracer and Metrics.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as MetricLabel from "effect/MetricLabel"
import * as Tracer from "effect/Tracer"
import { crossings } from "./internal/context/crossing.ts"
import { beginningOf, forwardLogger } from "./internal/context/forward-logger.ts"
import { forwardTracer, outerSpan } from "./internal/context/forward-tracer.ts"
import { watchMetrics } from "./internal/context/metric-registry.ts"
import { follow, type Here, here, place } from "./internal/context/place.ts"
import { currentSignal } from "./internal/worker/signal.ts"

follow()

/**
 * The effect as a part of the call that the code which runs it runs for. To be used where the effect is run by a runtime of
 * your own; otherwise `runSync` and `runPromise` do it. Outside of calls it is the effect itself.
 *
 * ```ts
 * import { withCaller } from "@offloop/runtime/worker/effect"
 * import { Effect, Layer, ManagedRuntime } from "effect"
 *
 * const runtime = ManagedRuntime.make(Layer.empty)
 *
 * export const task = (): Promise<void> => runtime.runPromise(withCaller(Effect.log("from the worker")))
 * ```
 */
export const withCaller = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const at = here()
    return at === undefined ? self : installed(self, at)
  })

/**
 * `Effect.runSync` as a part of the call.
 *
 * ```ts
 * import { runSync } from "@offloop/runtime/worker/effect"
 * import { Effect } from "effect"
 *
 * export const count = (text: string): number =>
 *   runSync(Effect.succeed(text.length).pipe(Effect.tap(Effect.logDebug("counted")), Effect.withSpan("count")))
 * ```
 */
export const runSync = <A, E>(effect: Effect.Effect<A, E>): A => Effect.runSync(withCaller(effect))

/** `Effect.runSyncExit` as a part of the call. */
export const runSyncExit = <A, E>(effect: Effect.Effect<A, E>): Exit.Exit<A, E> =>
  Effect.runSyncExit(withCaller(effect))

/** How an effect is run. */
export interface RunOptions {
  /** Interrupts the effect. Default: `currentSignal()`, so that interrupting the caller of `OffLoop.run` interrupts it. */
  readonly signal?: AbortSignal | undefined
}

/**
 * `Effect.runPromise` as a part of the call: interrupted when the caller of `OffLoop.run` is.
 *
 * ```ts
 * import { runPromise } from "@offloop/runtime/worker/effect"
 * import { Effect } from "effect"
 *
 * export const rest = (): Promise<void> => runPromise(Effect.sleep("1 second").pipe(Effect.withSpan("rest")))
 * ```
 */
export const runPromise = <A, E>(effect: Effect.Effect<A, E>, options?: RunOptions): Promise<A> =>
  Effect.runPromise(withCaller(effect), { signal: options?.signal ?? currentSignal() })

/** `Effect.runPromiseExit` as a part of the call. */
export const runPromiseExit = <A, E>(effect: Effect.Effect<A, E>, options?: RunOptions): Promise<Exit.Exit<A, E>> =>
  Effect.runPromiseExit(withCaller(effect), { signal: options?.signal ?? currentSignal() })

// On the loop's own thread the metrics are the program's already.
if (place.host !== undefined) {
  watchMetrics((key, update) => place.host?.()?.scope.outlet.update(key, update))
}

const installed = <A, E, R>(self: Effect.Effect<A, E, R>, at: Here): Effect.Effect<A, E, R> => {
  const { scope } = at
  const { sent } = scope
  const beginning = beginningOf(at)
  const span = scope.traced ? outerSpan(at) : undefined
  let effect = self
  for (const [key, value] of sent?.refs ?? []) {
    const crossing = crossings.get(key)
    if (crossing !== undefined) effect = Effect.locally(effect, crossing.ref, crossing.decode(value))
  }
  if (sent?.metricTags !== undefined) {
    const labels = sent.metricTags.map(([key, value]) => MetricLabel.make(key, value))
    effect = Effect.locallyWith(effect, FiberRef.currentMetricLabels, (own) => [...own, ...labels])
  }
  if (span !== undefined) {
    effect = Effect.mapInputContext(effect, (context: Context.Context<R>) =>
      Context.add(context, Tracer.ParentSpan, span),
    )
  }
  if (!scope.traced) effect = Effect.withTracerEnabled(effect, false)
  return effect.pipe(
    Effect.withTracer(forwardTracer(at)),
    Effect.locally(FiberRef.currentLogAnnotations, beginning.annotations),
    Effect.locally(FiberRef.currentLogSpan, beginning.logSpans),
    Effect.locally(FiberRef.currentMinimumLogLevel, LogLevel.fromLiteral(scope.minimumLevel)),
    Effect.locallyWith(FiberRef.currentLoggers, (loggers) =>
      loggers.pipe(
        HashSet.remove<Logger.Logger<unknown, unknown>>(Logger.defaultLogger),
        HashSet.remove<Logger.Logger<unknown, unknown>>(Logger.tracerLogger),
        HashSet.add<Logger.Logger<unknown, unknown>>(forwardLogger(at, beginning)),
      ),
    ),
  )
}
