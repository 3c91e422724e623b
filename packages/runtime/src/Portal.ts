/**
 * The way back: blocking code in a worker calls functions of the program on the loop, and waits for their answer.
 * anyio's `BlockingPortal` and `from_thread`.
 *
 * A closure cannot cross to a worker, so what may be called is registered on the loop by name, and the portal is given to
 * the calls that may use it. The worker's side is `fromThread` of `@offloop/runtime/worker`.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { type AnyHandler, Reception } from "./internal/portal/reception.ts"
import { setReception } from "./internal/portal/receptions.ts"

/** Functions that a worker can call: each returns an Effect, a promise or a plain value. */
export type Handlers = Readonly<Record<string, (...args: never) => unknown>>

/** The services that handlers need. */
export type Requirements<H extends Handlers> = {
  [K in keyof H]: H[K] extends (...args: never) => Effect.Effect<unknown, unknown, infer R> ? R : never
}[keyof H]

/** A set of handlers that is open for calls from workers, as long as its scope is. */
export interface Portal<out H extends Handlers = Handlers> {
  /** The names of the handlers. */
  readonly names: ReadonlyArray<string>
  /** Carries the types; not there at run time. */
  readonly "~handlers"?: H
}

/**
 * Opens a portal. Its handlers run on the loop, as fibers with the services that are there when the portal is made, and
 * with the log annotations, spans and other fiber refs of the call from which they are called.
 *
 * A handler belongs to the call that it was called from: when that is interrupted, so is the handler, and the code in the
 * worker gets a `CallCancelledError`. What a handler fails with is thrown in the worker, built again as `TaskError`
 * describes for the other direction.
 *
 * When the scope closes, requests are refused with a `PortalError` of reason `"Closed"`; running handlers are waited for
 * if the scope ended well, and interrupted if it did not, as in anyio. The other things that anyio's portal does are
 * Effect's: `start_task`'s `task_status` is a `Deferred`, `stop` closing the scope, `wrap_async_context_manager` a scope.
 *
 * ```ts
 * // main.ts
 * import { Backend, OffLoop, Portal, Task } from "@offloop/runtime"
 * import { Effect, Layer } from "effect"
 *
 * export const handlers = {
 *   lookUp: (name: string) => Effect.succeed(name.length).pipe(Effect.delay("10 millis")),
 * }
 *
 * // tasks.ts: export const ask = (name: string): number => fromThread.to<typeof handlers>().run("lookUp", name) + 1
 * const ask: Task.Task<[string], number> = { module: new URL("./tasks.ts", import.meta.url).href, name: "ask" }
 *
 * const program = Effect.gen(function* () {
 *   const portal = yield* Portal.make(handlers)
 *   return yield* OffLoop.runSyncWith({ portal })(ask, "ann")
 * }).pipe(Effect.scoped, Effect.provide(OffLoop.layer().pipe(Layer.provide(Backend.layer))))
 * ```
 */
export const make = <const H extends Handlers>(
  handlers: H,
): Effect.Effect<Portal<H>, never, Scope.Scope | Requirements<H>> =>
  Effect.flatMap(Effect.runtime<Requirements<H>>(), (runtime) =>
    Effect.acquireRelease(
      Effect.sync((): [Portal<H>, Reception] => {
        const named = new Map(Object.entries(handlers) as Array<[string, AnyHandler]>)
        const portal: Portal<H> = Object.freeze({ names: [...named.keys()] })
        const reception = new Reception(named, runtime)
        setReception(portal, reception)
        return [portal, reception]
      }),
      ([, reception], exit) =>
        Effect.suspend(() => {
          const running = reception.close()
          return Exit.isSuccess(exit) ? Fiber.awaitAll(running) : Fiber.interruptAll(running)
        }),
    ).pipe(Effect.map(([portal]) => portal)),
  )
