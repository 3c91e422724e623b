/** `Worker.makePool` of @effect/platform. It takes any number of calls at once, as that is its faster setting. */
import { Worker as Thread } from "node:worker_threads"
import type * as EffectModule from "effect/Effect"
import type * as LayerModule from "effect/Layer"
import type * as ManagedRuntimeModule from "effect/ManagedRuntime"
import type * as ScopeModule from "effect/Scope"
import type * as StreamModule from "effect/Stream"
import { fileUrl } from "../../../peers/load.mjs"
import { effectOperation } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { HopPool } from "./pool.ts"
import { digest } from "./tasks.ts"

interface WorkerPool {
  execute(message: unknown): StreamModule.Stream<number, unknown>
  executeEffect(message: unknown): EffectModule.Effect<unknown, unknown>
}
interface WorkerModule {
  makePool(options: object): EffectModule.Effect<WorkerPool, unknown, ScopeModule.Scope>
}
interface NodeWorkerModule {
  layer(spawn: (id: number) => Thread): LayerModule.Layer<never>
}

export const open = async (): Promise<HopPool> => {
  const Effect = await peer<typeof EffectModule>("effect/Effect")
  const ManagedRuntime = await peer<typeof ManagedRuntimeModule>("effect/ManagedRuntime")
  const Layer = await peer<typeof LayerModule>("effect/Layer")
  const Scope = await peer<typeof ScopeModule>("effect/Scope")
  const Stream = await peer<typeof StreamModule>("effect/Stream")
  const Worker = await peer<WorkerModule>("@effect/platform/Worker")
  const NodeWorker = await peer<NodeWorkerModule>("@effect/platform-node/NodeWorker")
  const runtime = ManagedRuntime.make(
    Layer.provideMerge(
      NodeWorker.layer(() => new Thread(new URL(fileUrl("./workers/effect-platform.mjs")))),
      Layer.scope,
    ),
  )
  const scope = await Effect.runPromise(Scope.make())
  const pool = await runtime.runPromise(
    Worker.makePool({ size: 1, concurrency: 64 }).pipe(Effect.provideService(Scope.Scope, scope)),
  )
  return {
    task: (name, argument) => {
      const message = { name, argument }
      return effectOperation(Effect, () => pool.executeEffect(message))
    },
    stream: (count) => {
      const numbers = Stream.runFold(pool.execute({ name: "numbers", argument: count }), 0, digest)
      return effectOperation(Effect, () => numbers)
    },
    close: () => runtime.dispose(),
  }
}
