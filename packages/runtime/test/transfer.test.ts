import { MessageChannel } from "node:worker_threads"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Backend, CapacityLimiter, InlineBackend, OffLoop, Resident, Task } from "../src/index.ts"
import * as Promises from "../src/promise.ts"
import type * as fixtures from "./fixtures/transfers.ts"
import { gate, on, tasks as others, settle, threads } from "./off-loop.world.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/transfers.ts", import.meta.url))
const MiB = 1024 * 1024

describe.each([
  ["in a thread", threads, true],
  ["inline", InlineBackend.layer, false],
] as const)("transfer %s", (_, backend: Layer.Layer<Backend.Backend>, moving) => {
  let runtime: ManagedRuntime.ManagedRuntime<OffLoop.OffLoop | Backend.Backend, unknown>
  beforeAll(() => {
    runtime = ManagedRuntime.make(Layer.provideMerge(OffLoop.layer({ maxThreads: 1 }), backend))
  })
  afterAll(() => runtime.dispose())

  test("moves an argument: it is gone here", async () => {
    const buffer = new ArrayBuffer(MiB)
    expect(await runtime.runPromise(OffLoop.runSync(tasks.lengthOf, Task.transfer(buffer, [buffer])))).toBe(MiB)
    expect(buffer.detached).toBe(moving)
    const bytes = new Uint8Array(MiB)
    expect(await runtime.runPromise(OffLoop.run(tasks.lengthOf, Task.transfer(bytes, [bytes.buffer])))).toBe(MiB)
    expect(bytes.byteLength).toBe(moving ? 0 : MiB)
  })

  test("moves what is deep in an argument, and copies what was not marked", async () => {
    const pixels = new Uint8Array([1, 2])
    const copied = new Uint8Array([3, 4])
    const images = { images: [{ pixels: Task.transfer(pixels, [pixels.buffer]) }, { pixels: copied }] }
    expect(await runtime.runPromise(OffLoop.runSync(tasks.nested, images))).toBe(4)
    expect([pixels.buffer.detached, copied.length]).toEqual([moving, 2])
  })

  test("of a call that was refused is taken back: later calls copy", async () => {
    const buffer = new ArrayBuffer(16)
    const refused = Task.transfer({ buffer, call: () => 1 }, [buffer])
    for (const call of [
      OffLoop.runSync(tasks.lengthOf as never, refused as never),
      OffLoop.run(tasks.lengthOf as never, refused as never),
    ]) {
      expect(await runtime.runPromise(Effect.flip(call as Effect.Effect<unknown, unknown>))).toMatchObject({
        _tag: "UnsendableError",
      })
      expect(await runtime.runPromise(OffLoop.runSync(tasks.lengthOf, buffer))).toBe(16)
      expect(buffer.detached).toBe(false)
    }
  })

  test("moves a result: it is gone there", async () => {
    const { bytes } = await runtime.runPromise(OffLoop.runSync(tasks.give, MiB))
    expect([bytes.length, bytes[MiB - 1]]).toEqual([MiB, 7])
    expect(await runtime.runPromise(OffLoop.runSync(tasks.gone))).toBe(moving)
  })

  test("moves items of a stream, and a message port", async () => {
    const items = await runtime.runPromise(Stream.runCollect(OffLoop.stream(tasks.chunks, 3, 10)))
    expect(Chunk.toReadonlyArray(items).map((chunk) => [chunk.length, chunk[9]])).toEqual([
      [10, 0],
      [10, 1],
      [10, 2],
    ])
    const { port1, port2 } = new MessageChannel()
    const heard = new Promise((resolve) => port1.once("message", resolve))
    await runtime.runPromise(OffLoop.runSync(tasks.answer, Task.transfer({ port: port2 }, [port2])))
    expect(await heard).toBe("from the worker")
    port1.close()
  })

  test("shared memory is shared both ways, also when it is marked", async () => {
    const words = new Int32Array(new SharedArrayBuffer(8))
    const { shared } = await runtime.runPromise(
      OffLoop.runSync(tasks.fillShared, Task.transfer({ words }, [words.buffer])),
    )
    expect(words[0]).toBe(42)
    new Int32Array(shared)[1] = 43
    expect(words[1]).toBe(43)
  })

  test("moves into and out of a resident", async () => {
    const initial = new Uint8Array(8)
    const next = new Uint8Array(16)
    const [size, old] = await runtime.runPromise(
      Effect.gen(function* () {
        const store = yield* Resident.make(tasks.makeStore, Task.transfer(initial, [initial.buffer]))
        const given = yield* store.call("swap", Task.transfer(next, [next.buffer]))
        return [yield* store.call("size"), given] as const
      }).pipe(Effect.scoped),
    )
    expect([size, old.length]).toEqual([16, 8])
    expect([initial.buffer.detached, next.buffer.detached]).toEqual([moving, moving])
  })

  test("what was moved before is refused, with where it is", async () => {
    const bytes = new Uint8Array(4)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    const refused = (effect: Effect.Effect<unknown, OffLoop.RunError, OffLoop.OffLoop>) =>
      runtime.runPromise(Effect.flip(effect))
    const image = { images: [{ pixels: bytes }] }
    expect(await refused(OffLoop.runSync(tasks.nested, Task.transfer(image, [bytes.buffer])))).toMatchObject({
      _tag: "UnsendableError",
      path: "args[0].images[0].pixels",
      kind: "detached Uint8Array",
      message: expect.stringContaining("moved to another thread before"),
    })
    expect(await refused(OffLoop.runSync(tasks.lengthOf, bytes.buffer))).toMatchObject({ kind: "detached ArrayBuffer" })
  })

  test("what cannot be moved is refused, and nothing is moved", async () => {
    const buffer = new ArrayBuffer(8)
    const error = await runtime.runPromise(
      Effect.flip(OffLoop.runSync(others.identity, Task.transfer({ buffer, f: () => 1 }, [buffer]))),
    )
    expect(error).toMatchObject({ _tag: "UnsendableError", path: "args[0].f", kind: "function" })
    expect(buffer.detached).toBe(false)
    const weak = new WeakMap()
    if (moving) {
      const other = await runtime.runPromise(
        Effect.flip(OffLoop.runSync(others.identity, Task.transfer({ weak }, [weak]))),
      )
      expect(other).toMatchObject({ path: "args[0].weak", kind: "untransferable WeakMap" })
    }
  })
})

describe("transfer", () => {
  test("refuses a list of what are no objects", () => {
    expect(() => Task.transfer(1, [1 as never])).toThrow(TypeError)
    expect(() => Task.transfer(1, [{}])).toThrow("not data")
  })

  test("what a task gives away twice fails it", async () => {
    const program = Effect.gen(function* () {
      yield* OffLoop.runSync(tasks.give, 8)
      return yield* Effect.flip(OffLoop.runSync(tasks.giveTwice))
    })
    const live = OffLoop.layer({ maxThreads: 1 }).pipe(Layer.provide(threads))
    expect(await Effect.runPromise(Effect.provide(program, live))).toMatchObject({
      _tag: "UnsendableError",
      path: "result",
      kind: "detached ArrayBuffer",
    })
  })

  test("a task whose argument has moved to a busy thread stays with it, and runs when it is free", async () => {
    const held = gate()
    const buffers = [1, 2, 3, 4].map((n) => new ArrayBuffer(n))
    const program = Effect.gen(function* () {
      const first = yield* Effect.fork(OffLoop.runSync(others.hold, held.words))
      yield* held.begun
      // Behind the held one, on its thread; then another thread comes free and looks for work.
      const all = yield* Effect.fork(
        Effect.all(
          buffers.map((buffer) => OffLoop.runSync(tasks.lengthOf, Task.transfer(buffer, [buffer]))),
          { concurrency: "unbounded" },
        ),
      )
      yield* Effect.yieldNow()
      yield* OffLoop.run(others.later, "a turn of the loop")
      yield* held.release
      yield* first
      return yield* all
    })
    const live = OffLoop.layer({ maxThreads: 2 }).pipe(Layer.provide(threads))
    expect(await Effect.runPromise(Effect.provide(program, live))).toEqual([1, 2, 3, 4])
  })
})

describe("what was to move with a call that never began", () => {
  const copied = (buffer: ArrayBuffer) =>
    Effect.gen(function* () {
      expect(yield* OffLoop.runSync(tasks.lengthOf, buffer)).toBe(16)
      expect(buffer.detached).toBe(false)
    })

  test("is copied later: it was taken back in the line for a thread, or for a token", () =>
    on(threads, { maxThreads: 1 })(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        for (const run of [OffLoop.runSync, OffLoop.runSyncWith({ limiter })]) {
          const buffer = new ArrayBuffer(16)
          const held = gate()
          const first = yield* Effect.fork(OffLoop.runSyncWith({ limiter })(others.hold, held.words))
          yield* held.begun
          const behind = yield* Effect.fork(run(tasks.lengthOf, Task.transfer(buffer, [buffer])))
          yield* settle
          yield* Fiber.interrupt(behind)
          yield* held.release
          yield* Fiber.join(first)
          yield* copied(buffer)
        }
      }),
    ))

  test("is copied later: the object that was called was closed", () =>
    on(threads)(
      Effect.gen(function* () {
        const buffer = new ArrayBuffer(16)
        const resident = yield* Effect.scoped(
          Effect.provide(Resident.make(tasks.makeStore, new Uint8Array(1)), threads),
        )
        const bytes = new Uint8Array(buffer)
        const closed = yield* Effect.flip(resident.call("swap", Task.transfer(bytes, [buffer])))
        expect(closed).toMatchObject({ _tag: "ResidentClosedError" })
        yield* copied(buffer)
      }),
    ))

  test("is copied later: the call was aborted before it was made", async () => {
    await using pool = await Promises.OffLoop.open({ maxThreads: 1 })
    const buffer = new ArrayBuffer(16)
    const call = pool.runSyncWith({ signal: AbortSignal.abort("never") })
    await expect(call(tasks.lengthOf, Task.transfer(buffer, [buffer]))).rejects.toBe("never")
    expect(await pool.runSync(tasks.lengthOf, buffer)).toBe(16)
    expect(buffer.detached).toBe(false)
  })
})

test("short tasks whose arguments move do not wait behind a long one while another thread is free", () =>
  on(threads, { minThreads: 2, maxThreads: 2, awaitReady: true })(
    Effect.gen(function* () {
      const held = gate()
      const long = yield* Effect.fork(OffLoop.runSync(others.hold, held.words))
      yield* held.begun
      const short = Array.from({ length: 20 }, (_, n) => {
        const bytes = new Uint8Array(n + 1)
        return OffLoop.runSync(tasks.lengthOf, Task.transfer(bytes, [bytes.buffer]))
      })
      const lengths = yield* Effect.all(short, { concurrency: "unbounded" })
      expect(lengths).toEqual(short.map((_, n) => n + 1))
      yield* held.release
      yield* Fiber.join(long)
    }),
  ))
