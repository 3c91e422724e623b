/** What an `AsyncLocalStorage` of the program holds: after a call, in a stream and in a handler it is the caller's own. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { Backend, CapacityLimiter, InlineBackend, OffLoop, Portal, Resident, Task } from "../src/index.ts"
import * as Promises from "../src/promise.ts"
import type * as fixtures from "./fixtures/stores.ts"
import { storage } from "./fixtures/stores.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/stores.ts", import.meta.url))
const callers = Array.from({ length: 12 }, (_, n) => `caller ${n}`)
const now = Effect.sync(() => storage.getStore())

/** Runs the same program for many callers at once, each in a context of its own; each says what it sees at every step. */
const forAll = async <A>(program: (caller: string) => Promise<A>): Promise<void> => {
  const seen = await Promise.all(callers.map((caller) => storage.run(caller, () => program(caller))))
  expect(seen.map((steps) => JSON.stringify(steps))).toEqual(
    callers.map((caller, index) => JSON.stringify((seen[index] as unknown[]).map(() => caller))),
  )
}

const opened = async (backend: Layer.Layer<Backend.Backend>, options: OffLoop.Options = {}) => {
  const scope = Effect.runSync(Scope.make())
  const layer = Layer.provideMerge(OffLoop.layer({ maxThreads: 2, ...options }), backend)
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  return {
    go: <A, E>(effect: Effect.Effect<A, E, OffLoop.OffLoop | Backend.Backend | Scope.Scope>): Promise<A> =>
      Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(context))),
    [Symbol.asyncDispose]: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}

describe.each([
  ["in threads", Layer.orDie(Backend.layer)],
  ["inline", InlineBackend.layer],
] as const)("%s, each caller goes on in its own context", (_, backend) => {
  test("after tasks, whether they wait for a thread or not", async () => {
    await using world = await opened(backend)
    await forAll(() =>
      world.go(
        Effect.gen(function* () {
          const seen: unknown[] = []
          for (let n = 0; n < 20; n++) {
            yield* OffLoop.runSync(tasks.nothing, n)
            seen.push(yield* now)
            yield* OffLoop.run(tasks.nothing, n)
            seen.push(yield* now)
          }
          return seen
        }),
      ),
    )
  })

  test("after waiting for a token of a limiter, and after a call that failed", async () => {
    await using world = await opened(backend)
    const limiter = await Effect.runPromise(CapacityLimiter.make(1))
    await forAll(() =>
      world.go(
        Effect.gen(function* () {
          const seen: unknown[] = []
          for (let n = 0; n < 5; n++) {
            yield* OffLoop.runSyncWith({ limiter })(tasks.nothing, n)
            seen.push(yield* now)
            yield* limiter.acquire
            yield* limiter.release
            seen.push(yield* now)
            yield* Effect.flip(OffLoop.runSync(tasks.nothing, (() => n) as never))
            seen.push(yield* now)
          }
          return seen
        }),
      ),
    )
  })

  test("in each item of a stream, and after it, read to its end or left", async () => {
    await using world = await opened(backend)
    await forAll(() =>
      world.go(
        Effect.gen(function* () {
          const seen: unknown[] = []
          const see = () => Effect.map(now, (store) => seen.push(store))
          yield* Stream.runForEach(OffLoop.stream(tasks.upTo, 200), see)
          yield* Stream.runForEach(Stream.take(OffLoop.stream(tasks.upTo, 200), 3), see)
          yield* see()
          return seen
        }),
      ),
    )
  })

  test("after a resident's calls, in its streams, in callbacks and in handlers of a portal", async () => {
    await using world = await opened(backend)
    await world.go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({
          store: () => Effect.zipRight(Effect.yieldNow(), now),
          storeSync: () => storage.getStore(),
        } as never)
        const resident = yield* Resident.make(tasks.makeStored, 0)
        const calling = yield* Resident.make(tasks.makeStored, 0, { portal })
        const context = yield* Effect.context<OffLoop.OffLoop>()
        yield* Effect.promise(() =>
          forAll(() =>
            Effect.runPromise(
              Effect.provide(context)(
                Effect.gen(function* () {
                  const seen: unknown[] = []
                  for (let n = 0; n < 5; n++) {
                    yield* resident.call("nothing", n)
                    seen.push(yield* now)
                    yield* Stream.runForEach(resident.stream("upTo", 5), () =>
                      Effect.map(now, (store) => seen.push(store)),
                    )
                    const told = yield* Effect.promise(
                      () =>
                        new Promise((resolve) =>
                          resident.unsafeCall("nothing", [n], () => resolve(storage.getStore())),
                        ),
                    )
                    seen.push(told)
                    if (backend !== InlineBackend.layer) {
                      seen.push(...(yield* calling.call("ask")))
                      seen.push(...(yield* OffLoop.runSyncWith({ portal })(tasks.ask)))
                    }
                    seen.push(yield* now)
                  }
                  return seen
                }),
              ),
            ),
          ),
        )
      }),
    )
  })
})

test("a task that runs on the loop's own thread has its caller's context, though it began when another ended", async () => {
  await using world = await opened(InlineBackend.layer)
  await forAll((caller) =>
    world.go(
      Effect.gen(function* () {
        const resident = yield* Resident.make(tasks.makeStored, 0)
        const calls = [
          ...Array.from({ length: 10 }, () => OffLoop.runSync(tasks.store)),
          ...Array.from({ length: 10 }, () => resident.call("store")),
        ]
        return [caller, ...(yield* Effect.all(calls, { concurrency: "unbounded" }))]
      }),
    ),
  )
})

test("each caller of the Promise API goes on in its own context", async () => {
  await using pool = await Promises.OffLoop.open({ maxThreads: 2 })
  await using resident = await Promises.Resident.open(tasks.makeStored, 0)
  await forAll(async () => {
    const seen: unknown[] = []
    for (let n = 0; n < 20; n++) {
      await pool.runSync(tasks.nothing, n)
      seen.push(storage.getStore())
      await pool.runWith({ placement: "process" })(tasks.nothing, n)
      seen.push(storage.getStore())
      await resident.call("nothing", n)
      seen.push(storage.getStore())
      for await (const _ of pool.stream(tasks.upTo, 3)) seen.push(storage.getStore())
    }
    return seen
  })
})

test("a callback that is abandoned when its answer has come is not told", async () => {
  await using world = await opened(Layer.orDie(Backend.layer))
  await world.go(
    Effect.gen(function* () {
      const resident = yield* Resident.make(tasks.makeStored, 0)
      const told = yield* Effect.async<ReadonlyArray<string>>((resume) => {
        const names: string[] = []
        // Both answers come in one turn: the first callback runs when the second answer is there.
        resident.unsafeCall("nothing", [1], () => {
          names.push("first")
          resident.unsafeAbandon(second)
          resident.unsafeCall("nothing", [3], () => resume(Effect.succeed(names)))
        })
        const second = resident.unsafeCall("nothing", [2], () => names.push("second"))
      })
      expect(told).toEqual(["first"])
    }),
  )
})

describe("what a task enters in its thread", () => {
  test.each(["worker", "process"] as const)("is not seen by the tasks after it: %s", async (placement) => {
    await using world = await opened(Layer.orDie(Backend.layer), { maxThreads: 1, processes: { max: 1 } })
    await world.go(
      Effect.gen(function* () {
        const runSync = OffLoop.runSyncWith({ placement })
        const run = OffLoop.runWith({ placement })
        for (let n = 0; n < 3; n++) {
          yield* runSync(tasks.enter, `mine ${n}`)
          expect(yield* runSync(tasks.store)).toBe(undefined)
          expect(yield* run(tasks.enterLater, `later ${n}`)).toBe(`later ${n}`)
          expect(yield* run(tasks.store)).toBe(undefined)
          expect(yield* runSync(tasks.enterLater, `later ${n}`)).toBe(`later ${n}`)
          expect(yield* runSync(tasks.store)).toBe(undefined)
        }
        const resident = yield* Resident.make(tasks.makeStored, 0, { placement })
        yield* resident.call("enter", "mine")
        expect(yield* resident.call("store")).toBe(undefined)
      }),
    )
  })

  test("is not seen by its caller, nor by tasks that overlap with it", async () => {
    await using world = await opened(Layer.orDie(Backend.layer), { maxThreads: 1 })
    await storage.run("mine", () =>
      world.go(
        Effect.gen(function* () {
          yield* OffLoop.runSync(tasks.enter, "the task's")
          expect(yield* now).toBe("mine")
          const all = yield* Effect.all(
            callers.map((caller) => OffLoop.run(tasks.enterLater, caller)),
            { concurrency: "unbounded" },
          )
          expect(all).toEqual(callers)
        }),
      ),
    )
  })
})
