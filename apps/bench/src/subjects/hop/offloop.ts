/** `OffLoop.runSync` over a pool of one thread: what the pools of others are compared with. */
import { Backend, OffLoop, Task } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { type EffectDriver, effectOperation } from "../../measure/operation.ts"
import { type HopPool, tasksUrl } from "./pool.ts"
import { digest } from "./tasks.ts"

const tasks = Task.fromModule<typeof import("./tasks.ts")>(tasksUrl)

export const open = async (): Promise<HopPool> => {
  const runtime = ManagedRuntime.make(
    OffLoop.layer({ minThreads: 1, maxThreads: 1 }).pipe(Layer.provide(Backend.layer)),
  )
  // As in a program, where the service is there already: providing it is no part of a call.
  type Call<A> = Effect.Effect<A, unknown, OffLoop.OffLoop>
  const driver: EffectDriver<OffLoop.OffLoop> = {
    ...Effect,
    runPromise: <A>(effect: Call<A>) => runtime.runPromise(effect),
  }
  return {
    task: (name, argument) => {
      const call =
        name === "echo"
          ? OffLoop.runSync(tasks.echo, argument!)
          : OffLoop.runSync(tasks[name] as Task.Task<[], unknown>)
      return effectOperation(driver, (): Call<unknown> => call)
    },
    stream: (count) => {
      const numbers = Stream.runFold(OffLoop.stream(tasks.numbers, count), 0, digest)
      return effectOperation(driver, (): Call<number> => numbers)
    },
    close: () => runtime.dispose(),
  }
}
