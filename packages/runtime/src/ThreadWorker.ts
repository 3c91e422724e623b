/**
 * Threads of a `Backend` as the workers of `@effect/platform`, on Node, Bun and Deno: `Worker.makePool` and
 * `Worker.makePoolSerialized` run on them. `ThreadWorkerRunner` is the other side, in the thread.
 *
 * What a pool promises is `@effect/platform`'s: a thread that ends by itself fails its pending requests with
 * `WorkerError`, and is started again after a second.
 */
import * as Worker from "@effect/platform/Worker"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backend } from "./internal/backend/service.ts"
import { platformWorker } from "./internal/platform/platform-worker.ts"

/** How threads are ended. */
export interface Options {
  /** How long a thread may take to end when its scope closes, before it is terminated. Five seconds if not given. */
  readonly grace?: Duration.DurationInput | undefined
}

/**
 * Provides `PlatformWorker`: how a thread is started and spoken to. Does no I/O until a worker is spawned. Spawning fails
 * with `WorkerError` when the thread cannot be started, and with `InlineBackend`, which has no threads.
 */
export const layerWorker = (options?: Options): Layer.Layer<Worker.PlatformWorker, never, Backend> =>
  Layer.effect(
    Worker.PlatformWorker,
    Effect.map(Backend, (backend) => platformWorker(backend, Duration.decode(options?.grace ?? "5 seconds"))),
  )

/** Provides `WorkerManager`, for spawners of one's own: see `Worker.layerSpawner`, which is to give the entry's `URL`. */
export const layerManager = (options?: Options): Layer.Layer<Worker.WorkerManager, never, Backend> =>
  Layer.provide(Worker.layerManager, layerWorker(options))

/** Provides `PlatformWorker` and a spawner, as `@effect/rpc` asks for. The parameters are those of `layer`. */
export const layerPlatform = (
  entry: URL | ((id: number) => URL),
  options?: Options,
): Layer.Layer<Worker.PlatformWorker | Worker.Spawner, never, Backend> =>
  Layer.merge(layerWorker(options), spawner(entry))

/**
 * Provides what pools of workers need. Does no I/O: the pool starts the threads.
 *
 * ```ts
 * import { Worker } from "@effect/platform"
 * import { Backend } from "@offloop/runtime"
 * import { ThreadWorker } from "@offloop/runtime/platform"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const pool = yield* Worker.makePool<number, number, never>({ size: 2 })
 *   return yield* pool.executeEffect(20)
 * })
 * const threads = ThreadWorker.layer(new URL("./worker.ts", import.meta.url))
 * const live = Layer.provide(threads, Backend.layer)
 * Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(live)))
 * ```
 *
 * @param entry the absolute URL of the module that each thread starts with, which launches a runner; or a function that gives it for the worker of a number
 */
export const layer = (
  entry: URL | ((id: number) => URL),
  options?: Options,
): Layer.Layer<Worker.WorkerManager | Worker.Spawner, never, Backend> =>
  Layer.merge(layerManager(options), spawner(entry))

const spawner = (entry: URL | ((id: number) => URL)): Layer.Layer<Worker.Spawner> =>
  Worker.layerSpawner<URL>(typeof entry === "function" ? entry : () => entry)
