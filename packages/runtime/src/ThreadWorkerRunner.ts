/**
 * The thread's side of `ThreadWorker`: where the requests to a worker of `@effect/platform` arrive. For the module that the
 * thread starts with.
 */
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Layer from "effect/Layer"
import { platformRunner } from "./internal/platform/platform-runner.ts"

export { launch } from "@effect/platform/WorkerRunner"

/**
 * Provides `PlatformRunner`: requests come from the loop that started this thread. A runner that starts anywhere else
 * fails with `WorkerError`. When the loop closes the worker the runner's scope is closed, then the thread ends.
 *
 * ```ts
 * // worker.ts
 * import { WorkerRunner } from "@effect/platform"
 * import { ThreadWorkerRunner } from "@offloop/runtime/platform"
 * import { Effect, Layer } from "effect"
 *
 * const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2))
 *
 * const runner = WorkerRunner.layer((n: number) => Effect.sync(() => fibonacci(n)))
 * Effect.runPromise(ThreadWorkerRunner.launch(Layer.provide(runner, ThreadWorkerRunner.layer)))
 * ```
 */
export const layer: Layer.Layer<WorkerRunner.PlatformRunner> = Layer.succeed(
  WorkerRunner.PlatformRunner,
  platformRunner,
)
