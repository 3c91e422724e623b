/** What the code of tasks says to programs without Effect, and to those that have it beside the Promise API. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { afterEach, describe, expect, test, vi } from "vitest"
import { openResident, type ResidentHandle } from "../src/callback.ts"
import { Caller, OffLoop as Effects } from "../src/index.ts"
import { OffLoop, Resident, Task } from "../src/promise.ts"
import { remembering, tasks } from "./context.world.ts"
import type * as processTasks from "./fixtures/process-tasks.ts"

const inProcess = Task.fromModule<typeof processTasks>(new URL("./fixtures/process-tasks.ts", import.meta.url))

/** What is printed from now on, without its time. `upTo` waits for as many lines. */
const listen = () => {
  const lines: string[] = []
  let look = (): void => {}
  vi.spyOn(console, "log").mockImplementation((line: unknown) => {
    lines.push(String(line).replace(/^timestamp=\S+ /, ""))
    look()
  })
  const upTo = (count: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (lines.length >= count) resolve()
      }
      look()
    })
  return { lines, upTo }
}

afterEach(() => {
  vi.restoreAllMocks()
})

/** The sink imports it for the first metric; who waits for it too comes after. */
const registry = () => import("../src/internal/context/metric-registry.ts")

describe.each(["worker", "inline"] as const)("code of a task of promises, %s", (placement) => {
  test("logs to the console", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const { lines } = listen()
    expect(await pool.runSyncWith({ placement })(tasks.say, "hello")).toBe("hello")
    expect(lines).toEqual([
      'level=INFO message=hello message="{ part: 1 }"',
      expect.stringMatching(/^level=WARN message="with more" inner=\d+ms own=yes$/),
    ])
  })

  test("counts in the metrics of Effect, which are loaded for it, in order", async () => {
    await using pool = await OffLoop.open({ maxThreads: 1 })
    const suffix = `_promise_${placement}`
    const count = Effect.map(Metric.value(Metric.counter("context_working")), ({ count }) => count)
    const before = await Effect.runPromise(count)
    const words = new Int32Array(new SharedArrayBuffer(8))
    words[0] = 1
    await pool.runSyncWith({ placement })(tasks.sayAndHold, words)
    await pool.runSyncWith({ placement })(tasks.count, 3, suffix)
    await registry()
    expect(await Effect.runPromise(count)).toBe(before + 1)
    const gauge = Metric.value(Metric.gauge(`context_gauge${suffix}`))
    expect(await Effect.runPromise(gauge)).toMatchObject({ value: 8 })
  })
})

test("a resident of promises logs to the console also outside of calls", async () => {
  const { lines } = listen()
  const talker = await Resident.open(tasks.makeTalker, "ada")
  await talker.close()
  expect(lines).toEqual(["level=INFO message=made message=ada", "level=INFO message=closed"])
})

test("what a process writes goes to the console", async () => {
  await using pool = await OffLoop.open({ name: "pros" })
  const { lines, upTo } = listen()
  await pool.runSyncWith({ placement: "process" })(inProcess.speak)
  await upTo(3)
  const from = /worker=pros-process-1 pid=\d+ stream=(\w+)$/
  const said = lines.map((line) => [line.replace(from, "").trim(), from.exec(line)?.[1]])
  expect(said).toContainEqual(["level=INFO message=one", "stdout"])
  expect(said).toContainEqual(["level=INFO message=two", "stdout"])
  expect(said).toContainEqual(['level=WARN message="a warning"', "stderr"])
})

test("pools of promises are in the metrics of a program that has these", async () => {
  await using pool = await OffLoop.open({ name: "metered", maxThreads: 1 })
  await pool.runSync(tasks.say, "x")
  await pool.stats()
  const tagged = Effects.metrics.tasks.pipe(
    Metric.tagged("pool", "metered"),
    Metric.tagged("placement", "blocking"),
    Metric.tagged("outcome", "completed"),
  )
  expect(await Effect.runPromise(Metric.value(tagged))).toMatchObject({ count: 1 })
})

test("a call by callbacks that is made for a fiber has its context, and logs and traces by its means", async () => {
  const handle = await new Promise<ResidentHandle<ReturnType<typeof import("./fixtures/context.ts").makeTalker>>>(
    (resolve, reject) =>
      openResident(tasks.makeTalker, "ada", {}, (exit) => (exit.ok ? resolve(exit.value) : reject(exit.error))),
  )
  const log = remembering()
  const { lines } = listen()
  const call = Effect.async<string, Error>((resume) => {
    handle.call(
      "say",
      ["hello"],
      (exit) => resume(exit.ok ? Effect.succeed(exit.value) : Effect.fail(exit.error)),
      Caller.current(),
    )
  })
  await Effect.runPromise(call.pipe(Effect.annotateLogs("request", 7), Effect.provide(log.layer)))
  expect(log.entries).toMatchObject([
    { level: "Info", message: ["hello", { part: 1 }], annotations: { request: 7 } },
    { level: "Warning", message: ["with more"], annotations: { request: 7, own: "yes" } },
  ])
  expect(lines).toEqual([])
  expect(Caller.current()).toBeUndefined()
  await new Promise<void>((resolve) => handle.close(() => resolve()))
})
