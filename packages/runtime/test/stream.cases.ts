/** What a resident's streams do wherever it lives. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { type Backend, Resident } from "../src/index.ts"
import { run, tasks } from "./resident.cases.ts"

export const streamCases = (
  placement: string,
  layer: Layer.Layer<Backend.Backend>,
  mode: "blocking" | "async",
): void => {
  const go = run(layer)
  const open = Effect.gen(function* () {
    const log = new Int32Array(new SharedArrayBuffer(8))
    const source = yield* Resident.make(tasks.makeSource, log, { mode })
    return { source, read: () => Atomics.load(log, 0), ended: () => Atomics.load(log, 1) }
  })
  const upTo = (to: number) => Array.from({ length: to }, (_, n) => n)
  const collect = <A, E>(stream: Stream.Stream<A, E>) => Effect.map(Stream.runCollect(stream), (chunk) => [...chunk])

  describe(`streams of a resident, ${placement}, ${mode}`, () => {
    test("give every item of every kind of iterable, in order", () =>
      go(
        Effect.gen(function* () {
          const { source, ended } = yield* open
          expect(yield* collect(source.stream("numbers", 5000))).toEqual(upTo(5000))
          expect(yield* collect(source.stream("later", 300))).toEqual(upTo(300))
          expect(yield* collect(source.stream("promised", 10))).toEqual(upTo(10))
          expect(yield* collect(source.stream("numbers", 0))).toEqual([])
          const items = ["é\ud800", null, { a: [1n, new Date(3)] }, new Map([[1, new Set(["x"])]]), [1.5], undefined]
          expect(yield* collect(source.stream("list", items))).toStrictEqual(items)
          expect(ended()).toBe(4)
        }),
      ))

    test("each item is as it was when the iterator gave it", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          expect(yield* collect(source.stream("same", 100))).toEqual(upTo(100).map((n) => ({ n })))
        }),
      ))

    test("an endless iterator is read no further than the buffer, and cleans up when nobody reads on", () =>
      go(
        Effect.gen(function* () {
          const { source, read, ended } = yield* open
          for (const method of ["numbers", "later"] as const) {
            const before = ended()
            const stream = source.streamWith({ bufferSize: 20 })(method, Number.MAX_SAFE_INTEGER)
            expect(yield* collect(Stream.take(stream, 50))).toEqual(upTo(50))
            expect(ended()).toBe(before + 1)
            expect(read()).toBeGreaterThanOrEqual(50)
            expect(read()).toBeLessThanOrEqual(70)
          }
        }),
      ))

    test("with a buffer of one, an item is made when it is asked for", () =>
      go(
        Effect.gen(function* () {
          const { source, read } = yield* open
          const stream = source.streamWith({ bufferSize: 1 })("numbers", 100)
          const seen: number[] = []
          yield* Stream.runForEach(stream, (n) =>
            Effect.gen(function* () {
              // A call comes after whatever the worker would read ahead.
              yield* source.call("read")
              seen.push(read() - n)
            }),
          )
          expect(new Set(seen)).toEqual(new Set([1]))
        }),
      ))

    test("large items are bounded by their size, not only by their number", () =>
      go(
        Effect.gen(function* () {
          const { source, read } = yield* open
          const size = 256 * 1024
          const ahead: number[] = []
          yield* Stream.runForEach(source.stream("chunks", 40, size), (chunk) =>
            Effect.gen(function* () {
              expect(chunk.length).toBe(size)
              yield* source.call("read")
              ahead.push(read() - (chunk[0] as number))
            }),
          )
          expect(ahead).toHaveLength(40)
          expect(Math.max(...ahead)).toBeLessThanOrEqual(6)
        }),
      ))

    test("an error comes typed after the items before it", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          for (const method of ["failing", "failingLater"] as const) {
            const seen: number[] = []
            const stream = source.stream(method, 700)
            const error = yield* Effect.flip(Stream.runForEach(stream, (n) => Effect.sync(() => seen.push(n))))
            expect(error).toMatchObject({ _tag: "TaskError", code: "E_ENOUGH", target: method })
            expect(seen).toEqual(upTo(700))
          }
          expect(yield* Effect.flip(collect(source.stream("rejected")))).toMatchObject({ _tag: "TaskError" })
        }),
      ))

    test("an item that cannot cross is named after the items before it, and the iterator cleans up", () =>
      go(
        Effect.gen(function* () {
          const { source, ended } = yield* open
          const seen: unknown[] = []
          const stream = source.stream("unsendable", 30)
          const error = yield* Effect.flip(Stream.runForEach(stream, (n) => Effect.sync(() => seen.push(n))))
          expect(error).toMatchObject({ _tag: "UnsendableError", path: "items[30].handler", kind: "function" })
          expect(seen).toEqual(upTo(30))
          expect(ended()).toBe(1)
        }),
      ))

    test("what is not iterable and arguments that cannot cross are refused", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          const notIterable = yield* Effect.flip(collect(source.stream("number")))
          expect(notIterable.message).toContain("iterable, not number")
          const error = yield* Effect.flip(collect(source.stream("list", [() => 1])))
          expect(error).toMatchObject({ _tag: "UnsendableError", path: "args[0][0]" })
          expect(yield* collect(source.stream("list", [1]))).toEqual([1])
        }),
      ))

    test("what an iterator throws while it cleans up is a defect", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          const exit = yield* Effect.exit(collect(Stream.take(source.stream("failingToEnd"), 1)))
          expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("cannot clean up")
          expect(yield* source.call("number")).toBe(1)
        }),
      ))

    test("calls and several streams take turns", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          const streams = ["numbers", "later", "numbers"] as const
          const calls = Effect.forEach(upTo(20), () => source.call("number"))
          const [results] = yield* Effect.all(
            [
              Effect.forEach(streams, (name) => collect(source.stream(name, 3000)), { concurrency: "unbounded" }),
              calls,
            ],
            { concurrency: "unbounded" },
          )
          for (const result of results) expect(result).toEqual(upTo(3000))
        }),
      ))

    test("what is read of an asynchronous iterator does not wait for what comes later", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          expect(yield* collect(source.stream("waiting"))).toEqual([1, 2])
        }),
      ))

    test("interruption stops the iterator and leaves the resident usable", () =>
      go(
        Effect.gen(function* () {
          const { source, ended } = yield* open
          const stream = source.stream("numbers", Number.MAX_SAFE_INTEGER)
          for (let turns = 0; turns < 8; turns++) {
            const fiber = yield* Effect.fork(Stream.runDrain(stream))
            yield* Effect.repeatN(Effect.yieldNow(), turns * turns)
            yield* Fiber.interrupt(fiber)
          }
          expect(yield* source.call("number")).toBe(1)
          expect(ended()).toBeLessThanOrEqual(8)
        }),
      ))

    test("closing the resident ends its streams", () =>
      run(layer)(
        Effect.gen(function* () {
          const { fiber, ended } = yield* Effect.scoped(
            Effect.gen(function* () {
              const { source, ended } = yield* open
              const stream = source.stream("numbers", Number.MAX_SAFE_INTEGER)
              const begun = yield* Deferred.make<void>()
              const read = () => Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)
              const fiber = yield* Effect.forkDaemon(Stream.runForEach(stream, read))
              yield* Deferred.await(begun)
              return { fiber, ended }
            }),
          )
          expect(ended()).toBe(1)
          yield* Fiber.interrupt(fiber)
        }),
      ))

    test("a buffer size that makes no sense is a defect", () =>
      go(
        Effect.gen(function* () {
          const { source } = yield* open
          for (const bufferSize of [0, 1.5, Number.NaN]) {
            const exit = yield* Effect.exit(Stream.runDrain(source.streamWith({ bufferSize })("numbers", 1)))
            expect(Exit.isFailure(exit) && Cause.isDie(exit.cause)).toBe(true)
          }
        }),
      ))
  })
}
