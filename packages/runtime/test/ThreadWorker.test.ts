import * as Worker from "@effect/platform/Worker"
import { WorkerError } from "@effect/platform/WorkerError"
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { Backend, InlineBackend } from "../src/index.ts"
import { ThreadWorker, ThreadWorkerRunner } from "../src/platform.ts"
import type { Order } from "./fixtures/platform/plain.ts"
import { Count, Day, Multiply, Refuse, type Requests, Setup } from "./fixtures/platform/requests.ts"

const entry = (name: string): URL => new URL(`./fixtures/platform/${name}.ts`, import.meta.url)

const runOn = <A, E>(
  name: string,
  program: Effect.Effect<A, E, Worker.WorkerManager | Worker.Spawner | Scope.Scope>,
  options?: ThreadWorker.Options,
): Promise<A> =>
  program.pipe(
    Effect.scoped,
    Effect.provide(Layer.provide(ThreadWorker.layer(entry(name), options), Backend.layer)),
    // A crash is logged as a warning by @effect/platform; here it is expected.
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.runPromise,
  )

const plain = Worker.makePool<Order, unknown, never>({ size: 1 })

/** Is resolved when the flag is raised. */
const raised = (flags: SharedArrayBuffer, index: number): Effect.Effect<unknown> =>
  Effect.promise(async () => {
    const { async, value } = Atomics.waitAsync(new Int32Array(flags), index, 0)
    // While this is all that is waited for, only a timer keeps the test's own loop alive.
    const alive = setInterval(() => {}, 1_000)
    try {
      return async ? await value : value
    } finally {
      clearInterval(alive)
    }
  })

describe("Worker.makePool", () => {
  test("runs its requests in threads", () =>
    runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        expect(yield* pool.executeEffect({ do: "where" })).toBe("thread")
      }),
    ))

  test("answers many requests at once, each with its own answer", () =>
    runOn(
      "serialized",
      Effect.gen(function* () {
        const pool = yield* Worker.makePoolSerialized<Requests>({
          size: 2,
          concurrency: 50,
          initialMessage: () => new Setup({ factor: 3 }),
        })
        const numbers = Array.from({ length: 100 }, (_, n) => n)
        const products = yield* Effect.forEach(numbers, (n) => pool.executeEffect(new Multiply({ n })), {
          concurrency: "unbounded",
        })
        expect(products).toEqual(numbers.map((n) => n * 3))
      }),
    ))

  test("interrupts in the thread what is interrupted on the loop, and the thread goes on to work", () =>
    runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        const flags = new SharedArrayBuffer(8)
        const fiber = yield* Effect.fork(pool.executeEffect({ do: "hang", flags }))
        yield* raised(flags, 0)
        yield* Fiber.interrupt(fiber)
        yield* raised(flags, 1)
        expect(yield* pool.executeEffect({ do: "where" })).toBe("thread")
      }),
    ))

  test("fails the pending request of a thread that crashes, and starts the thread again", () =>
    runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        const error = yield* Effect.flip(pool.executeEffect({ do: "crash" }) as Effect.Effect<unknown, WorkerError>)
        expect(error).toBeInstanceOf(WorkerError)
        expect(String((error.cause as Error).message)).toContain("out of order")
        expect(yield* pool.executeEffect({ do: "where" })).toBe("thread")
      }),
    ))

  test("fails a request that cannot cross with the reason `send`", () =>
    runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        const closure = { do: "where", more: () => 1 } as Order
        expect(yield* Effect.flip(pool.executeEffect(closure))).toMatchObject({ _tag: "WorkerError", reason: "send" })
        expect(yield* pool.executeEffect({ do: "where" })).toBe("thread")
      }),
    ))

  test("fails a request whose answer cannot cross, and the thread goes on to work", () =>
    runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        expect(Exit.isFailure(yield* Effect.exit(pool.executeEffect({ do: "unsendable" })))).toBe(true)
        expect(yield* pool.executeEffect({ do: "where" })).toBe("thread")
      }),
    ))

  test("closes the runner's scope in the thread when its own closes", async () => {
    const flag = new SharedArrayBuffer(4)
    await runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        yield* pool.executeEffect({ do: "closing", flag })
      }),
    )
    // Not awaited: the scope does not close before the thread has ended.
    expect(new Int32Array(flag)[0]).toBe(1)
  })

  test("terminates a thread that has not ended when its grace is over", () =>
    runOn(
      "plain",
      Effect.gen(function* () {
        const pool = yield* plain
        const flags = new SharedArrayBuffer(4)
        yield* Effect.forkScoped(pool.executeEffect({ do: "spin", flags }))
        yield* raised(flags, 0)
      }),
      { grace: "10 millis" },
    ))

  test("fails at once with InlineBackend, which has no threads", async () => {
    const error = await plain.pipe(
      Effect.scoped,
      Effect.provide(Layer.provide(ThreadWorker.layer(entry("plain")), InlineBackend.layer)),
      Effect.flip,
      Effect.runPromise,
    )
    expect(error).toMatchObject({ _tag: "WorkerError", reason: "spawn" })
    expect(String((error.cause as Error).message)).toContain("InlineBackend")
  })
})

describe("Worker.makePoolSerialized", () => {
  const pool = Worker.makePoolSerialized<Requests>({ size: 1, initialMessage: () => new Setup({ factor: 2 }) })

  test("sends what the schemas encode, and gives what they decode", () =>
    runOn(
      "serialized",
      Effect.gen(function* () {
        const after = new Date("2026-02-28T00:00:00Z")
        expect(yield* (yield* pool).executeEffect(new Day({ after }))).toEqual(new Date("2026-03-01T00:00:00Z"))
      }),
    ))

  test("fails with the typed error of the request", () =>
    runOn(
      "serialized",
      Effect.gen(function* () {
        const error = yield* Effect.flip((yield* pool).executeEffect(new Refuse({ reason: "no" })))
        expect(error).toEqual({ reason: "no" })
      }),
    ))

  test("streams", () =>
    runOn(
      "serialized",
      Effect.gen(function* () {
        const counted = yield* Stream.runCollect((yield* pool).execute(new Count({ to: 10_000 })))
        expect(Chunk.toReadonlyArray(counted)).toEqual(Array.from({ length: 10_000 }, (_, n) => n + 1))
      }),
    ))
})

test("a runner outside of such a thread fails, and says why", async () => {
  const error = await Effect.runPromise(
    Effect.flip(ThreadWorkerRunner.launch(Layer.provide(WorkerRunner.layer(Effect.succeed), ThreadWorkerRunner.layer))),
  )
  expect(error).toMatchObject({ _tag: "WorkerError", reason: "spawn" })
})
