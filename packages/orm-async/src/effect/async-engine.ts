import { Backend, type UnsupportedRuntimeError } from "@offloop/runtime"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import type * as Scope from "effect/Scope"
import type { Engine } from "../engine/engine.ts"
import { shuttingDown } from "../engine/engine-calls.ts"
import { EngineCore } from "../engine/engine-core.ts"
import type { AsyncEngineOptions } from "../engine/engine-options.ts"
import { engineSettings } from "../engine/engine-settings.ts"
import { ArgumentError, NoSuchModuleError } from "../errors/index.ts"
import type { Url } from "../url/url.ts"
import { EffectEngine } from "./effect-engine.ts"
import { logOf } from "./effect-log.ts"
import type { EffectStyle } from "./effect-style.ts"
import { timerOf } from "./effect-timer.ts"
import { noRestore, runCallIn } from "./run-call.ts"

/**
 * An engine in the Effect style; also the service under which a program finds its engine.
 *
 * @example
 * ```ts
 * import { AsyncEngine, textClause } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const answer = Effect.gen(function* () {
 *   const engine = yield* AsyncEngine
 *   return yield* engine.scalar(textClause("SELECT 42"))
 * })
 * const runnable = answer.pipe(Effect.provide(AsyncEngine.layer("sqlite:///./app.db")))
 * ```
 */
export interface AsyncEngine extends Engine<EffectStyle> {}

/** Every error of making an engine. */
export type CreateEngineError = ArgumentError | NoSuchModuleError | UnsupportedRuntimeError

const backendOf = (options: AsyncEngineOptions | undefined): Effect.Effect<unknown, UnsupportedRuntimeError> =>
  options?.backend === undefined
    ? Effect.flatMap(
        Effect.serviceOption(Backend.Backend),
        Option.match({ onNone: () => Backend.detectEffect, onSome: (backend) => Effect.succeed(backend) }),
      )
    : Effect.succeed(options.backend)

/**
 * Makes an engine. Does no I/O: the first connection is opened when it is asked for. When the scope ends, the engine's
 * connections are closed and asking it for another one fails.
 *
 * Threads are started by the `Backend` of the options, else by the one in the context, else by the one of the runtime.
 * Time is that of the context's `Clock`; what the engine has to say goes to the context's loggers.
 *
 * Fails with `ArgumentError` for a wrong URL or option, `NoSuchModuleError` where no driver is registered for the URL, and
 * `UnsupportedRuntimeError` where the runtime cannot run threads.
 *
 * @see SQLAlchemy `sqlalchemy.ext.asyncio.create_async_engine`
 * @example
 * ```ts
 * import { createAsyncEngine, textClause } from "@offloop/orm-async"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const engine = yield* createAsyncEngine("sqlite:///./app.db", { echo: true })
 *   const conn = yield* engine.connect
 *   return yield* conn.scalar(textClause("SELECT 42"))
 * }).pipe(Effect.scoped)
 * ```
 */
export const createAsyncEngine = (
  url: string | Url,
  options?: AsyncEngineOptions,
): Effect.Effect<AsyncEngine, CreateEngineError, Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* backendOf(options)
    const settings = yield* Effect.try({
      try: () => engineSettings(url, { ...options, backend }),
      catch: (error) => {
        if (error instanceof ArgumentError || error instanceof NoSuchModuleError) return error
        throw error
      },
    })
    // Engines are often made where nothing can be interrupted; what they run in the background must be interruptible.
    const runtime = Runtime.enableRuntimeFlag(yield* Effect.runtime<never>(), RuntimeFlags.Interruption)
    const core = new EngineCore(settings, { timer: timerOf(runtime), log: logOf(runtime) })
    yield* Effect.addFinalizer(() => runCallIn<void, never>(noRestore, () => shuttingDown(core)))
    return new EffectEngine(core, settings.executionOptions)
  })

const tag = Context.GenericTag<AsyncEngine>("@offloop/orm-async/AsyncEngine")

/** The service of a program's engine, and a Layer that makes one. */
export const AsyncEngine: Context.Tag<AsyncEngine, AsyncEngine> & {
  /** Provides an engine made by {@link createAsyncEngine}, which lives as long as the layer. */
  readonly layer: (url: string | Url, options?: AsyncEngineOptions) => Layer.Layer<AsyncEngine, CreateEngineError>
} = Object.assign(tag, {
  layer: (url: string | Url, options?: AsyncEngineOptions) => Layer.scoped(tag, createAsyncEngine(url, options)),
})
