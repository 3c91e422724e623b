import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { expect, test } from "vitest"
import { Backend, InlineBackend, Portal, Resident, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/residents.ts"
import { run } from "./resident.cases.ts"

const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/residents.ts", import.meta.url))
const threads = Layer.orDie(Backend.layer)
const go = run(Layer.merge(threads, Logger.remove(Logger.defaultLogger)))
const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node"
const open = (options: Resident.Options) => Resident.make(tasks.makePlace, 0, { name: "ada", ...options })

test("a thread has the environment that it is given, and of the other settings those that the runtime can honour", () =>
  go(
    Effect.gen(function* () {
      const env = { OFFLOOP_TEST_ONLY: "yes" }
      const limits = runtime === "bun" ? {} : { resourceLimits: { maxOldGenerationSizeMb: 48 } }
      const argv = runtime === "node" ? { execArgv: ["--no-warnings"] } : {}
      const seen = yield* (yield* open({ env, ...limits, ...argv })).call("look")
      expect(seen).toMatchObject({ variable: "yes", pid: process.pid })
      if (runtime !== "bun") expect(seen.limit).toBe(48)
      if (runtime === "node") expect(seen.execArgv).toEqual(["--no-warnings"])
    }),
  ))

test("what the runtime, the placement or the option itself does not allow is refused typed, and says which", async () => {
  const refused = (options: object, backend = threads) =>
    run(backend)(Effect.flip(Resident.supervised(tasks.makePlace, 0, { name: "ada", ...options })))
  const portal = await run(threads)(Portal.make({}))
  const cases: ReadonlyArray<readonly [string, object]> = [
    ["env", { env: { A: 1 } }],
    ["execArgv", { execArgv: "--no-warnings" }],
    ["resourceLimits", { resourceLimits: { heap: 1 } }],
    ["permissions", runtime === "deno" ? { permissions: "none", env: {} } : { permissions: "none" }],
    ...(runtime === "node" ? [] : [["execArgv", { execArgv: [] }] as const]),
    ["cwd", { cwd: "/" }],
    ["placement", { placement: "thread" }],
    ["cwd", { placement: "process", cwd: 1 }],
    ["portal", { placement: "process", portal }],
    ["env", { placement: "process", env: { A: 1 } }],
    ["resourceLimits", { placement: "process", resourceLimits: {} }],
    ["permissions", { placement: "process", permissions: "none" }],
  ]
  for (const [option, options] of cases) {
    const error = await refused(options)
    expect(error).toMatchObject({ _tag: "InvalidResidentOptionsError", option, worker: "ada" })
    expect(error.message).toContain(option)
  }
  for (const options of [{ env: {} }, { placement: "process", cwd: "/" }, { placement: "process", env: {} }]) {
    expect(await refused(options, InlineBackend.layer)).toMatchObject({ _tag: "InvalidResidentOptionsError" })
  }
})

test("a resident in a process keeps its state there, has the options that it is given, streams, and closes with its scope", async () => {
  const cwd = new URL("..", import.meta.url).pathname
  const execArgv = runtime === "deno" ? ["--allow-all"] : []
  const env = { ...(process.env as Record<string, string>), OFFLOOP_TEST_ONLY: "yes" }
  const pid = await go(
    Effect.gen(function* () {
      const place = yield* open({ placement: "process", cwd, execArgv, env })
      const seen = yield* place.call("look")
      expect(seen).toMatchObject({ variable: "yes", count: 1 })
      expect(`${seen.cwd}/`).toBe(cwd)
      expect(seen.pid).not.toBe(process.pid)
      expect(Array.from(yield* Stream.runCollect(place.stream("numbers", 3)))).toEqual([0, 1, 2])
      expect(yield* place.call("look")).toMatchObject({ count: 2, pid: seen.pid })
      const shared = yield* Effect.flip(place.call("take", new Int32Array(new SharedArrayBuffer(4))))
      expect(shared).toMatchObject({ _tag: "UnsendableError", path: "args[0]" })
      return seen.pid
    }),
  )
  expect(() => process.kill(pid, 0)).toThrow()
})

test("a supervised resident in a process is opened again in another when that dies", () =>
  go(
    Effect.gen(function* () {
      const options = { placement: "process", schedule: Schedule.recurs(1) } as const
      const place = yield* Resident.supervised(tasks.makePlace, 0, options)
      const { pid } = yield* place.call("look")
      expect(yield* Effect.flip(place.call("exit", 4))).toMatchObject({ _tag: "WorkerCrashedError", exitCode: 4 })
      const next = yield* place.call("look")
      expect(next.count).toBe(1)
      expect(next.pid).not.toBe(pid)
    }),
  ))

test("inline a resident of a process lives on the loop's own thread", async () => {
  const seen = await run(InlineBackend.layer)(
    Effect.flatMap(open({ placement: "process" }), (place) => place.call("look")),
  )
  expect(seen.pid).toBe(process.pid)
})
