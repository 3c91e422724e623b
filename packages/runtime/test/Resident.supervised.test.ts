import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { Backend, InlineBackend, Resident, Task } from "../src/index.ts"
import type * as residents from "./fixtures/residents.ts"
import { run } from "./resident.cases.ts"

const tasks = Task.fromModule<typeof residents>(new URL("./fixtures/residents.ts", import.meta.url))
const go = run(Layer.merge(Layer.orDie(Backend.layer), Logger.remove(Logger.defaultLogger)))

const atOnce = Schedule.forever

/** Memory by which a phoenix is told how often it may not be born, and tells how often it was. */
const nest = (failures = 0) => {
  const words = new Int32Array(new SharedArrayBuffer(16))
  words[1] = failures
  return { words, births: () => Atomics.load(words, 0), closed: () => Atomics.load(words, 2) }
}

/** Subscribes, and gives the events when there are as many. */
const collect = (subject: Resident.Supervised<object>, count: number) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(subject.events, count)))
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    return Effect.map(Fiber.join(fiber), Chunk.toReadonlyArray)
  })

describe("a supervised resident", () => {
  for (const mode of ["blocking", "async"] as const) {
    test(`is opened again with its init: what was pending fails typed and is not made again, what comes later waits, ${mode}`, () =>
      go(
        Effect.gen(function* () {
          const { words, births } = nest()
          const subject = yield* Resident.supervised(tasks.makePhoenix, words, { mode, schedule: atOnce, name: "ada" })
          const events = yield* collect(subject, 2)
          expect(yield* subject.call("count")).toBe(1)
          const pending = yield* Effect.fork(Effect.either(subject.call("exit", 7)))
          const behind = yield* Effect.fork(Effect.either(subject.call("count")))
          expect(yield* Fiber.join(pending)).toMatchObject({ left: { _tag: "WorkerCrashedError", exitCode: 7 } })
          expect(yield* Fiber.join(behind)).toMatchObject({ left: { _tag: "WorkerCrashedError", exitCode: 7 } })
          const args = { n: 1 }
          const waiting = yield* Effect.fork(subject.call("echo", args))
          yield* Effect.yieldNow()
          // Taken as it was at the call.
          args.n = 2
          const streamed = yield* Effect.fork(Stream.runCollect(subject.stream("numbers", 3000)))
          const refused = yield* Effect.flip(subject.call("echo", { f: () => 1 } as never))
          expect(refused).toMatchObject({ _tag: "UnsendableError", path: "args[0].f" })
          expect(yield* Fiber.join(waiting)).toEqual({ n: 1 })
          expect(Chunk.size(yield* Fiber.join(streamed))).toBe(3000)
          // Its state is lost, and nothing that was pending ran again.
          expect(yield* subject.call("count")).toBe(1)
          expect(births()).toBe(2)
          expect(yield* subject.restarts).toBe(1)
          expect(yield* events).toMatchObject([
            { _tag: "Crashed", restarts: 0, cause: { exitCode: 7, worker: "ada" } },
            { _tag: "Reopened", restarts: 1, cause: { exitCode: 7 } },
          ])
        }),
      ))
  }

  test("an opening that fails counts in the schedule; when that is done calls fail with the crash, and the owner is told", () =>
    go(
      Effect.gen(function* () {
        const { words, births } = nest()
        const schedule = Schedule.recurs(3)
        const subject = yield* Resident.supervised(tasks.makePhoenix, words, { schedule, name: "ada" })
        const events = yield* collect(subject, 5)
        const told = yield* Effect.fork(Effect.flip(subject.onCrash))
        Atomics.store(words, 1, 1_000_000)
        const pending = yield* Effect.flip(subject.call("exit", 5))
        expect(pending).toMatchObject({ exitCode: 5 })
        expect(pending).not.toHaveProperty("restarts")
        const waiting = yield* Effect.fork(Effect.flip(subject.call("count")))
        const streaming = yield* Effect.fork(Effect.flip(Stream.runDrain(subject.stream("numbers", 3))))
        const lost = yield* Fiber.join(waiting)
        expect(lost).toMatchObject({
          _tag: "WorkerCrashedError",
          exitCode: 5,
          restarts: 3,
          cause: { _tag: "TaskError", code: "E_NEST" },
        })
        expect(lost.message).toContain("restarts so far: 3")
        expect(yield* Fiber.join(streaming)).toBe(lost)
        expect(yield* Effect.flip(subject.call("count"))).toBe(lost)
        expect(yield* Fiber.join(told)).toBe(lost)
        yield* subject.closed
        expect((yield* events).map(({ _tag, restarts }) => `${_tag} ${restarts}`)).toEqual([
          "Crashed 0",
          "ReopenFailed 1",
          "ReopenFailed 2",
          "ReopenFailed 3",
          "GaveUp 3",
        ])
        expect(births()).toBe(4)
      }),
    ))

  test("an opening that fails is repeated until it succeeds, and each restart is logged as a warning with its reason", () =>
    go(
      Effect.gen(function* () {
        const lines = yield* Ref.make<ReadonlyArray<string>>([])
        const logger = Logger.make(({ logLevel, message, cause, annotations }) => {
          const text = `${logLevel.label} ${message} ${Cause.pretty(cause)} ${[...annotations]}`
          Effect.runSync(Ref.update(lines, (all) => [...all, text]))
        })
        yield* Effect.gen(function* () {
          const { words } = nest()
          const subject = yield* Resident.supervised(tasks.makePhoenix, words, { schedule: atOnce, name: "ada" })
          words[1] = 2
          yield* Effect.ignore(subject.call("exit", 5))
          expect(yield* subject.call("count")).toBe(1)
          expect(yield* subject.restarts).toBe(3)
        }).pipe(Effect.scoped, Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
        const warnings = (yield* Ref.get(lines)).filter((line) => line.startsWith("WARN"))
        expect(warnings).toHaveLength(3)
        expect(warnings[0]).toContain("restart 1")
        expect(warnings[0]).toContain("exit code 5")
        expect(warnings[0]).toContain("resident,ada")
        expect(warnings[1]).toContain("not yet")
      }),
    ))

  test("the schedule sees the reason, so that an exit that was meant can be final (Erlang's transient child)", () =>
    go(
      Effect.gen(function* () {
        const schedule = Schedule.recurWhile(
          (reason: Resident.RestartReason) => reason._tag !== "WorkerCrashedError" || reason.exitCode !== 0,
        )
        const subject = yield* Resident.supervised(tasks.makePhoenix, nest().words, { schedule })
        yield* Effect.ignore(subject.call("exit", 1))
        expect(yield* subject.call("count")).toBe(1)
        yield* Effect.ignore(subject.call("exit", 0))
        expect(yield* Effect.flip(subject.call("count"))).toMatchObject({ exitCode: 0, restarts: 1 })
      }),
    ))

  test("a schedule that dies does not leave calls waiting", () =>
    go(
      Effect.gen(function* () {
        const schedule = Schedule.forever.pipe(Schedule.tapInput(() => Effect.die(new Error("bad schedule"))))
        const subject = yield* Resident.supervised(tasks.makePhoenix, nest().words, { schedule })
        yield* Effect.ignore(subject.call("exit", 1))
        expect(yield* Effect.flip(subject.call("count"))).toMatchObject({ cause: { message: "bad schedule" } })
      }),
    ))

  test("a stream that is being read fails, and its reader can begin another", () =>
    go(
      Effect.gen(function* () {
        const subject = yield* Resident.supervised(tasks.makePhoenix, nest().words, { schedule: atOnce })
        const reading = Stream.runForEach(subject.stream("numbers", Number.MAX_SAFE_INTEGER), (n) =>
          n === 2000 ? subject.call("exit", 3) : Effect.void,
        )
        expect(yield* Effect.flip(reading)).toMatchObject({ _tag: "WorkerCrashedError", exitCode: 3 })
        expect(yield* Stream.runCount(Stream.take(subject.stream("numbers", Number.MAX_SAFE_INTEGER), 5000))).toBe(5000)
      }),
    ))

  test("calls that wait can be interrupted and abandoned; they do not run, and the others do in their order", () =>
    go(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const schedule = Schedule.forever.pipe(Schedule.tapInput(() => Deferred.await(gate)))
        const subject = yield* Resident.supervised(tasks.makePhoenix, nest().words, { schedule })
        yield* Effect.ignore(subject.call("exit", 1))
        const seen: Array<unknown> = []
        const ids = ["a", "b", "c"].map((name) =>
          subject.unsafeCall("note", [name], (exit) => seen.push([name, exit.ok])),
        )
        const interrupted = yield* Effect.fork(subject.call("note", "d"))
        const unread = yield* Effect.fork(Stream.runDrain(subject.stream("numbers", 3)))
        yield* Effect.yieldNow()
        subject.unsafeAbandon(ids[1] as number)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(interrupted))).toBe(true)
        expect(Exit.isInterrupted(yield* Fiber.interrupt(unread))).toBe(true)
        yield* Deferred.succeed(gate, undefined)
        expect(yield* subject.call("notes")).toEqual(["a", "c"])
        expect(seen).toEqual([
          ["a", true],
          ["c", true],
        ])
        // A number of an object that is gone is nobody's.
        subject.unsafeAbandon(ids[0] as number)
        expect(yield* subject.call("count")).toBe(1)
      }),
    ))

  test("a call made by the callback that is told of the crash waits for the next object", () =>
    go(
      Effect.gen(function* () {
        const subject = yield* Resident.supervised(tasks.makePhoenix, nest().words, { schedule: atOnce })
        const count = yield* Effect.async<unknown>((resume) => {
          subject.unsafeCall("exit", [1], () => {
            subject.unsafeCall("count", [], (exit) => resume(Effect.succeed(exit)))
          })
        })
        expect(count).toEqual({ ok: true, value: 1 })
      }),
    ))

  for (const [when, begun] of [
    ["while it waits for the schedule", "schedule"],
    ["while it is opened again", "opening"],
  ] as const) {
    test(`closing the scope ${when} fails those who wait and leaves no thread`, () =>
      go(
        Effect.gen(function* () {
          const { words, births, closed } = nest()
          const asked = yield* Deferred.make<void>()
          const schedule = Schedule.forever.pipe(
            Schedule.tapInput(() =>
              Effect.zipRight(Deferred.succeed(asked, undefined), begun === "schedule" ? Effect.never : Effect.void),
            ),
          )
          const scope = yield* Scope.make()
          const subject = yield* Scope.extend(Resident.supervised(tasks.makePhoenix, words, { schedule }), scope)
          // The next one says that it is being made, and waits to be told that it may go on.
          if (begun === "opening") words[3] = 1
          yield* Effect.ignore(subject.call("exit", 1))
          const waiting = yield* Effect.fork(Effect.flip(subject.call("count")))
          yield* Deferred.await(asked)
          if (begun === "opening") yield* until(words, 3, 1)
          yield* Scope.close(scope, Exit.void)
          expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "ResidentClosedError" })
          expect(yield* Effect.flip(subject.call("count"))).toMatchObject({ _tag: "ResidentClosedError" })
          yield* subject.closed
          if (begun === "schedule") expect(births()).toBe(1)
          else {
            Atomics.store(words, 3, 3)
            Atomics.notify(words, 3)
            yield* until(words, 2, 0)
            expect(closed()).toBe(1)
          }
        }),
      ))
  }

  test("closing the scope lets pending calls end and runs close, and then there is no restart", () =>
    go(
      Effect.gen(function* () {
        const { words, births, closed } = nest()
        const scope = yield* Scope.make()
        const subject = yield* Scope.extend(Resident.supervised(tasks.makePhoenix, words, { schedule: atOnce }), scope)
        const events = yield* Effect.fork(Stream.runCollect(subject.events))
        const pending = yield* Effect.fork(subject.call("count"))
        yield* Effect.yieldNow()
        yield* Scope.close(scope, Exit.void)
        expect(yield* Fiber.join(pending)).toBe(1)
        expect([closed(), births()]).toEqual([1, 1])
        expect(Chunk.size(yield* Fiber.join(events))).toBe(0)
      }),
    ))

  test("terminate is the owner's word: nothing is opened again", () =>
    go(
      Effect.gen(function* () {
        const { words, births } = nest()
        const subject = yield* Resident.supervised(tasks.makePhoenix, words, { schedule: atOnce })
        yield* subject.terminate
        expect(yield* Effect.flip(subject.call("count"))).toMatchObject({ _tag: "ResidentClosedError" })
        yield* subject.closed
        expect(births()).toBe(1)
        const stuck = yield* Resident.supervised(tasks.makePhoenix, words, {
          schedule: Schedule.forever.pipe(Schedule.tapInput(() => Effect.never)),
        })
        yield* Effect.ignore(stuck.call("exit", 1))
        const waiting = yield* Effect.fork(Effect.flip(stuck.call("count")))
        yield* Effect.yieldNow()
        yield* stuck.terminate
        expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "ResidentClosedError" })
      }),
    ))

  test("a first opening that fails is not repeated, and an init that is transferred is refused before anything runs", () =>
    go(
      Effect.gen(function* () {
        const { words, births } = nest(1)
        expect(yield* Effect.flip(Resident.supervised(tasks.makePhoenix, words))).toMatchObject({ code: "E_NEST" })
        expect(births()).toBe(1)
        const { port1, port2 } = new MessageChannel()
        const init = Task.transfer({ port: port2 }, [port2])
        const error = yield* Effect.flip(Resident.supervised(tasks.greeter, init, { name: "ada" }))
        expect(error).toMatchObject({ _tag: "InitNotRepeatableError", worker: "ada" })
        expect(error.message).toContain("without transfer")
        port1.close()
      }),
    ))

  test("inline it is a resident like any other", () =>
    run(InlineBackend.layer)(
      Effect.gen(function* () {
        const subject = yield* Resident.supervised(tasks.makePhoenix, nest().words)
        expect(yield* subject.call("count")).toBe(1)
        expect(yield* subject.restarts).toBe(0)
        yield* subject.terminate
        expect(yield* Effect.flip(subject.call("count"))).toMatchObject({ _tag: "ResidentClosedError" })
      }),
    ))
})

/** Waits, without blocking the loop, until a word is not a value any more. */
const until = (words: Int32Array<SharedArrayBuffer>, index: number, value: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    const waiting = Atomics.waitAsync(words, index, value)
    if (waiting.async) await waiting.value
  })
