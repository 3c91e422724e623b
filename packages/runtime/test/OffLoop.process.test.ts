import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { afterAll, describe, expect, test } from "vitest"
import { CapacityLimiter, InlineBackend, OffLoop, Portal } from "../src/index.ts"
import { settle } from "./off-loop.world.ts"
import { alive, gone, listener, processes, tasks } from "./process.world.ts"

const runtimeName = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node"

const log = listener()
const shared = ManagedRuntime.make(Layer.provideMerge(processes({ max: 2 }), log.layer))
afterAll(() => shared.dispose())
const go = <A, E>(program: Effect.Effect<A, E, OffLoop.OffLoop>): Promise<A> => shared.runPromise(program)

const inProcess = OffLoop.runSyncWith({ placement: "process" })
const asyncInProcess = OffLoop.runWith({ placement: "process" })
const streamInProcess = OffLoop.streamWith({ placement: "process" })

const nothingHeld = Effect.gen(function* () {
  expect(yield* (yield* OffLoop.defaultProcessLimiter).borrowedTokens).toBe(0)
})

describe("OffLoop in processes", () => {
  test("a task runs in a process of its own, and the process that was idle last is taken first", () =>
    go(
      Effect.gen(function* () {
        const first = yield* inProcess(tasks.pid)
        expect(first).not.toBe(process.pid)
        expect(yield* inProcess(tasks.pid)).toBe(first)
        expect(yield* inProcess(tasks.later, "x")).toBe("x")
        expect(yield* asyncInProcess(tasks.later, "y")).toBe("y")
      }),
    ))

  test("values cross as they do to a thread", () =>
    go(
      Effect.gen(function* () {
        const memory = new Float64Array([1, 2, 3, 4]).subarray(1, 3)
        const value = {
          plain: [null, undefined, -0, 1n, "ä\ud83d\ude00", new Date(3), new Uint8Array([1, 2])],
          cloned: new Map<unknown, unknown>([
            [/x/g, new Set([memory])],
            [{ a: 1 }, new TypeError("t")],
          ]),
        }
        expect(yield* inProcess(tasks.identity, value)).toEqual(value)
        const bytes = new Uint8Array(3_000_000).fill(7)
        expect(Buffer.compare((yield* inProcess(tasks.identity, bytes)) as Uint8Array, bytes)).toBe(0)
        const cycle: { self?: unknown } = {}
        cycle.self = cycle
        const back = (yield* inProcess(tasks.identity, cycle)) as typeof cycle
        expect(back.self).toBe(back)
      }),
    ))

  test("what a task throws keeps class tag, code, properties, causes, members and stack", () =>
    go(
      Effect.gen(function* () {
        const error = yield* Effect.flip(inProcess(tasks.refuse))
        expect(error).toMatchObject({ _tag: "TaskError", code: "E_REFUSED", remoteTag: "Refused" })
        expect(error.message).toContain("process-tasks.ts#refuse")
        const cause = error.cause as Error & { details: unknown; cause: AggregateError }
        expect(cause).toMatchObject({ name: "RefusedError", message: "no", details: { tries: 3 } })
        expect(cause.stack).toContain("process-tasks")
        expect(cause.cause).toBeInstanceOf(AggregateError)
        expect(cause.cause.cause).toBe("the root")
        expect(cause.cause.errors.map(String)).toEqual(["TypeError: one", "RangeError: two"])
        expect(cause.cause.errors[1]).toBeInstanceOf(RangeError)
      }),
    ))

  test("what cannot cross is named by its path: functions, and memory that a process cannot share", () =>
    go(
      Effect.gen(function* () {
        const error = yield* Effect.flip(inProcess(tasks.identity, { a: [1, () => 1] as unknown }))
        expect(error).toMatchObject({ _tag: "UnsendableError", path: "args[0].a[1]", kind: "function" })
        const memory = yield* Effect.flip(inProcess(tasks.identity, { a: new SharedArrayBuffer(8) }))
        expect(memory).toMatchObject({ _tag: "UnsendableError", path: "args[0].a", kind: "SharedArrayBuffer" })
        const view = yield* Effect.flip(inProcess(tasks.identity, [new Int32Array(new SharedArrayBuffer(8))]))
        expect(view).toMatchObject({ path: "args[0][0]", kind: "Int32Array on a SharedArrayBuffer" })
        const port = yield* Effect.flip(inProcess(tasks.identity, new Map([["blob", new Blob(["x"])]])))
        expect(port).toMatchObject({ path: 'args[0].get("blob")', kind: "Blob" })
        const result = yield* Effect.flip(inProcess(tasks.sharedMemory))
        expect(result).toMatchObject({ path: 'result.memory.get("a")', kind: "SharedArrayBuffer" })
        yield* nothingHeld
      }),
    ))

  test("a task that is not there fails with what is", () =>
    go(
      Effect.gen(function* () {
        const missing = { module: tasks.add.module, name: "nope" } as typeof tasks.pid
        const error = yield* Effect.flip(inProcess(missing))
        expect(error).toMatchObject({ _tag: "TaskExportNotFoundError", exportName: "nope" })
        const lost = { module: new URL("./nowhere.ts", import.meta.url).href, name: "x" } as typeof tasks.pid
        expect(yield* Effect.flip(inProcess(lost))).toMatchObject({ _tag: "TaskModuleNotFoundError" })
      }),
    ))

  test("a portal does not reach into a process; checkCancelled can be asked there all the same", () =>
    go(
      Effect.gen(function* () {
        const portal = yield* Portal.make({ anything: () => 1 })
        const error = yield* Effect.flip(OffLoop.runSyncWith({ placement: "process", portal })(tasks.pid))
        expect(error).toMatchObject({ _tag: "UnsupportedPlacementError", placement: "process" })
        expect(yield* inProcess(tasks.cancelled)).toBe("PortalError NoPortal")
      }).pipe(Effect.scoped),
    ))

  test("many at the same time share the processes, one task at a time each", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* OffLoop.defaultProcessLimiter
        expect(yield* limiter.totalTokens).toBe(2)
        const all = Array.from({ length: 20 }, (_, n) => Effect.zip(inProcess(tasks.add, n, 1), inProcess(tasks.pid)))
        const results = yield* Effect.all(all, { concurrency: "unbounded" })
        expect(results.map(([sum]) => sum)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
        expect(new Set(results.map(([, pid]) => pid)).size).toBeLessThanOrEqual(2)
        yield* nothingHeld
      }),
    ))

  test("interruption kills a task that never ends, within 100 ms, and another process takes its place", () =>
    go(
      Effect.gen(function* () {
        // The quickest of some, because other programs on the machine take their time too.
        let quickest = Number.POSITIVE_INFINITY
        for (let attempt = 0; attempt < 5 && quickest > 100; attempt++) {
          const before = log.lines.length
          const fiber = yield* Effect.fork(inProcess(tasks.spin))
          while (!log.lines.slice(before).some(({ text }) => text.startsWith("spinning"))) yield* Effect.sleep(1)
          const pid = Number(
            log.lines
              .slice(before)
              .find(({ text }) => text.startsWith("spinning"))
              ?.text.split(" ")[1],
          )
          expect(alive(pid)).toBe(true)
          const began = performance.now()
          expect(Exit.isInterrupted(yield* Fiber.interrupt(fiber))).toBe(true)
          quickest = Math.min(quickest, performance.now() - began)
          expect(alive(pid)).toBe(false)
          yield* nothingHeld
        }
        expect(quickest).toBeLessThanOrEqual(100)
        expect(yield* inProcess(tasks.add, 1, 2)).toBe(3)
      }),
    ))

  test("an asynchronous task is asked to stop, and killed if it does not", () =>
    go(
      Effect.gen(function* () {
        for (const cares of [true, false]) {
          const before = log.lines.length
          const since = () => log.lines.slice(before).map(({ text }) => text)
          const fiber = yield* Effect.fork(asyncInProcess(tasks.wait, cares))
          while (!since().some((text) => text.startsWith("waiting"))) yield* Effect.sleep(1)
          const pid = Number(since()[0]?.split(" ")[1])
          yield* Fiber.interrupt(fiber)
          expect(alive(pid)).toBe(cares)
        }
        yield* nothingHeld
      }),
    ))

  test("a task that waits for a token is not given to the process that was killed for the one before", () => {
    const program = Effect.gen(function* () {
      const spinning = yield* Effect.fork(inProcess(tasks.block, "killed", 60_000))
      yield* log.line(/begun killed/)
      const waiting = yield* Effect.fork(inProcess(tasks.add, 1, 2))
      yield* settle
      yield* Fiber.interrupt(spinning)
      expect(yield* Fiber.join(waiting)).toBe(3)
      const { process: pool } = yield* OffLoop.stats
      expect(pool).toMatchObject({ started: 2, retired: { killed: 1 }, tasks: { interrupted: 1, failed: 0 } })
    })
    return Effect.runPromise(program.pipe(Effect.provide(Layer.provideMerge(processes({ max: 1 }), log.layer))))
  })

  test("a task that is interrupted before it starts never runs", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(10)
        const run = OffLoop.runSyncWith({ placement: "process", limiter })
        const before = log.lines.length
        const spinning = () => log.lines.slice(before).filter(({ text }) => text.startsWith("spinning")).length
        const busy = yield* Effect.all([Effect.fork(run(tasks.spin)), Effect.fork(run(tasks.spin))])
        while (spinning() < 2) yield* Effect.sleep(1)
        const waiting = yield* Effect.fork(run(tasks.block, "never", 0))
        yield* settle
        expect(yield* limiter.borrowedTokens).toBe(3)
        yield* Fiber.interrupt(waiting)
        yield* Fiber.interruptAll(busy)
        yield* run(tasks.pid)
        expect(log.lines.some(({ text }) => text === "begun never")).toBe(false)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("with abandonOnCancel the caller goes on at once, and the task to its end, with its token", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        const run = OffLoop.runSyncWith({ placement: "process", limiter, abandonOnCancel: true })
        const fiber = yield* Effect.fork(run(tasks.block, "abandoned", 100))
        yield* log.line(/begun abandoned/)
        yield* Fiber.interrupt(fiber)
        expect(yield* limiter.borrowedTokens).toBe(1)
        expect(log.lines.some(({ text }) => text === "done abandoned")).toBe(false)
        yield* log.line(/done abandoned/)
        expect(yield* run(tasks.add, 1, 1)).toBe(2)
      }),
    ))

  test("uninterruptible, a task is waited for, as to_process.run_sync does without cancellable", () =>
    go(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.uninterruptible(inProcess(tasks.block, "shielded", 50)))
        yield* log.line(/begun shielded/)
        yield* Fiber.interrupt(fiber)
        expect(log.lines.some(({ text }) => text === "done shielded")).toBe(true)
      }),
    ))

  test("a process that dies fails its task with exit code, signal and last words, and no other", () =>
    go(
      Effect.gen(function* () {
        const other = yield* Effect.fork(inProcess(tasks.block, "unaffected", 300))
        yield* log.line(/begun unaffected/)
        const exited = yield* Effect.flip(inProcess(tasks.exit, 7))
        expect(exited).toMatchObject({
          _tag: "WorkerCrashedError",
          worker: expect.stringMatching(/^offloop-process/),
          exitCode: 7,
        })
        const killed = yield* Effect.flip(inProcess(tasks.signalled, "SIGKILL"))
        expect(killed).toMatchObject({ _tag: "WorkerCrashedError", exitCode: undefined, signal: "SIGKILL" })
        expect(killed.message).toContain("before the end")
        expect(yield* Fiber.join(other)).toBe("unaffected")
        expect(yield* inProcess(tasks.add, 1, 1)).toBe(2)
        yield* nothingHeld
      }),
    ))

  test("what a process writes is logged line by line, with the caller's annotations", () =>
    go(
      Effect.gen(function* () {
        const before = log.lines.length
        const pid = yield* inProcess(tasks.pid)
        yield* inProcess(tasks.speak).pipe(Effect.annotateLogs("request", 42))
        // Its last line has no end: it ends with its task, and is its task's.
        yield* inProcess(tasks.drone).pipe(Effect.annotateLogs("request", 43))
        yield* log.line(/^x{100,}$/)
        while (log.lines.slice(before).filter(({ text }) => text.includes("xxx")).length < 3) yield* Effect.sleep(1)
        const lines = log.lines.slice(before)
        const annotations = { worker: expect.stringMatching(/^offloop-process/), pid, stream: "stdout", request: 42 }
        expect(lines.filter(({ text }) => ["one", "two", "three"].includes(text))).toEqual([
          { text: "one", level: "INFO", annotations },
          { text: "two", level: "INFO", annotations },
          { text: "three", level: "INFO", annotations },
        ])
        expect(lines.find(({ text }) => text === "a warning")).toEqual({
          text: "a warning",
          level: "WARN",
          annotations: { ...annotations, stream: "stderr" },
        })
        // Cut where a line is too long.
        const drone = lines.filter(({ text }) => text.includes("xxx")).map(({ text }) => text)
        expect(drone.join("")).toBe("x".repeat(20_000))
        expect(drone.map(({ length }) => length)).toEqual([8192, 8192, 20_000 - 2 * 8192])
      }),
    ))

  test("a stream is made as far as it is asked for, and its iterator cleans up in the process", () =>
    go(
      Effect.gen(function* () {
        const options = { placement: "process", bufferSize: 8 } as const
        const some = yield* OffLoop.streamWith(options)(tasks.numbers, 1_000_000).pipe(
          Stream.take(20),
          Stream.runCollect,
        )
        expect([...some]).toEqual(Array.from({ length: 20 }, (_, n) => n))
        const { text } = yield* log.line(/^ended at \d+ of 1000000/)
        expect(Number(text.split(" ")[2])).toBeLessThan(60)
        expect(yield* Stream.runCount(streamInProcess(tasks.numbers, 10_000))).toBe(10_000)
        yield* nothingHeld
      }),
    ))

  test("what an iterator throws fails the stream after the items before it", () =>
    go(
      Effect.gen(function* () {
        const seen: number[] = []
        const all = Stream.runForEach(streamInProcess(tasks.numbersLater, 3), (n) => Effect.sync(() => seen.push(n)))
        expect(yield* Effect.flip(all)).toMatchObject({ _tag: "TaskError", cause: expect.any(RangeError) })
        expect(seen).toEqual([0, 1, 2])
      }),
    ))

  test("interrupting a stream kills an iterator that is stuck", () =>
    go(
      Effect.gen(function* () {
        let pid = 0
        const seen = (n: number): void => {
          pid = n
        }
        const fiber = yield* Effect.fork(
          Stream.runForEach(streamInProcess(tasks.stuck), (n) => Effect.sync(() => seen(n))),
        )
        while (pid === 0) yield* Effect.sleep(1)
        yield* Fiber.interrupt(fiber)
        expect(alive(pid)).toBe(false)
        yield* nothingHeld
      }),
    ))
})

describe("a pool of processes", () => {
  test("ends what is idle by a timer", () =>
    Effect.gen(function* () {
      const pid = yield* inProcess(tasks.pid)
      yield* gone(pid)
      expect(yield* inProcess(tasks.pid)).not.toBe(pid)
    }).pipe(Effect.provide(processes({ idleTimeout: 1 })), Effect.runPromise))

  test("lets what runs finish when its scope closes, and leaves no process, with options of its own", async () => {
    const log = listener()
    const cwd = new URL("..", import.meta.url).pathname
    const execArgv = runtimeName === "deno" ? ["--allow-all"] : []
    const [fiber, pids, environment] = await Effect.gen(function* () {
      const fiber = yield* Effect.forkDaemon(inProcess(tasks.block, "closing", 100))
      yield* log.line(/begun closing/)
      const environment = yield* inProcess(tasks.environment, "OFFLOOP_TEST_ONLY")
      yield* inProcess(tasks.speak)
      return [
        fiber,
        [yield* inProcess(tasks.pid), Number((yield* log.line(/./)).annotations.pid)],
        environment,
      ] as const
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          processes({ min: 1, max: 2, cwd, execArgv, env: { ...process.env, OFFLOOP_TEST_ONLY: "yes" } }),
          log.layer,
        ),
      ),
      Effect.runPromise,
    )
    expect(await Effect.runPromise(Fiber.join(fiber))).toBe("closing")
    expect(pids.map(alive)).toEqual([false, false])
    expect((environment as string[])[0]).toBe("yes")
    expect(`${(environment as string[])[1]}/`).toBe(cwd)
    // The line that never ended is there too.
    expect(log.lines.map(({ text }) => text)).toContain("three")
  })

  test("survives a process that runs out of memory", () =>
    Effect.gen(function* () {
      // Bun has no limit of its own to run into: the system's is a SIGKILL.
      const crash = runtimeName === "bun" ? inProcess(tasks.signalled, "SIGKILL") : inProcess(tasks.fill)
      const error = yield* Effect.flip(crash)
      expect(error).toMatchObject({ _tag: "WorkerCrashedError" })
      if (runtimeName !== "bun") expect(error.message).toMatch(/out of memory/)
      expect(yield* inProcess(tasks.add, 1, 1)).toBe(2)
    }).pipe(
      Effect.provide(
        processes({
          max: 1,
          execArgv: {
            node: [...process.execArgv, "--max-old-space-size=64"],
            bun: [],
            deno: ["--allow-all", "--v8-flags=--max-old-space-size=64"],
          }[runtimeName],
        }),
      ),
      Effect.runPromise,
    ))

  test("says typed that a process cannot be started", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(inProcess(tasks.pid))
      expect(error).toMatchObject({ _tag: "WorkerStartError" })
      yield* nothingHeld
    }).pipe(Effect.provide(processes({ cwd: "/nowhere/at/all" })), Effect.runPromise))

  test("says typed that a process ended before it was ready, with its last words", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(inProcess(tasks.pid))
      expect(error).toMatchObject({ _tag: "WorkerStartError", cause: { _tag: "WorkerCrashedError" } })
      expect(error.message).toMatch(/no-such-option|nowhere/)
    }).pipe(
      Effect.provide(
        processes({ execArgv: runtimeName === "bun" ? ["--preload", "./nowhere.ts"] : ["--no-such-option"] }),
      ),
      Effect.runPromise,
    ))

  test("refuses numbers that make no sense", async () => {
    for (const options of [{ max: 0 }, { max: 1.5 }, { min: -1 }, { min: 3, max: 2 }]) {
      const exit = await Effect.runPromiseExit(Effect.provide(Effect.void, processes(options)))
      expect(String(exit)).toContain("InvalidPoolOptionsError")
    }
  })

  test("is the loop's own thread inline", () =>
    Effect.gen(function* () {
      expect(yield* inProcess(tasks.pid)).toBe(process.pid)
    }).pipe(Effect.provide(OffLoop.layer().pipe(Layer.provide(InlineBackend.layer))), Effect.runPromise))
})

test("what a process prints is logged as what its task's caller annotates, though tasks follow each other", async () => {
  const own = listener()
  await Effect.runPromise(
    Effect.gen(function* () {
      for (let task = 0; task < 40; task++) {
        yield* inProcess(tasks.print, task).pipe(Effect.annotateLogs("task", task))
      }
      yield* inProcess(tasks.print, 40)
      yield* own.line(/^40: without an end/)
      yield* own.line(/^40: an error/)
    }).pipe(Effect.provide(processes({ max: 1 })), Effect.provide(own.layer)),
  )
  const wrong = own.lines.filter(({ text, annotations }) => {
    const task = /^(\d+):/.exec(text)?.[1]
    return task !== undefined && Number(task) < 40 && annotations.task !== Number(task)
  })
  expect(wrong).toEqual([])
  for (let task = 0; task < 40; task++) {
    const lines = own.lines.filter(({ annotations }) => annotations.task === task)
    const texts = lines.map(({ text, annotations }) => `${annotations.stream} ${text}`)
    expect(texts.filter((text) => text.startsWith("stdout"))).toEqual(
      ["by the console", "", "written", "and again", "without an end"].map((text) =>
        text === "" ? "stdout " : `stdout ${task}: ${text}`,
      ),
    )
    expect(texts.filter((text) => text.startsWith("stderr"))).toEqual([`stderr ${task}: an error`])
  }
})
