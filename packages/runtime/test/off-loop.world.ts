/** What the tests of `OffLoop` start with: its tasks, a program's services, and a task that they hold. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backend, OffLoop, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/tasks.ts"

export const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/tasks.ts", import.meta.url))
export const threads = Layer.orDie(Backend.layer)

export const on =
  (backend: Layer.Layer<Backend.Backend>, options: OffLoop.Options = {}) =>
  <A, E>(program: Effect.Effect<A, E, OffLoop.OffLoop>): Promise<A> =>
    Effect.runPromise(program.pipe(Effect.provide(OffLoop.layer(options).pipe(Layer.provide(backend)))))

/** Memory through which a task says that it has begun (words[1]) and waits for its release (words[0]). */
export const gate = () => {
  const words = new Int32Array(new SharedArrayBuffer(12))
  return {
    words,
    begun: Effect.promise(async () => {
      const waiting = Atomics.waitAsync(words, 1, 0)
      if (waiting.async) await waiting.value
    }),
    release: Effect.sync(() => {
      Atomics.store(words, 0, 1)
      Atomics.notify(words, 0)
    }),
    runs: () => Atomics.load(words, 2),
  }
}

export const settle = Effect.repeatN(Effect.yieldNow(), 20)
