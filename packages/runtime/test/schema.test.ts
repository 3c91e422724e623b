import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import * as Streams from "effect/Stream"
import { afterAll, describe, expect, expectTypeOf, test } from "vitest"
import { OffLoop, Task, TaskSchemaError } from "../src/index.ts"
import { OffLoop as Promised } from "../src/promise.ts"
import { Account, accounts, NotFound } from "./fixtures/accounts.contract.ts"
import { threads } from "./off-loop.world.ts"

const tasks = Task.fromContract(accounts, new URL("./fixtures/accounts.ts", import.meta.url))
const runtime = ManagedRuntime.make(OffLoop.layer({ maxThreads: 1 }).pipe(Layer.provide(threads)))
afterAll(() => runtime.dispose())
const account = (id: number) => ({ account: { id } })

describe("a task with schemas", () => {
  test("gives class instances, dates and options as what they are", async () => {
    const found = await runtime.runPromise(OffLoop.runSync(tasks.find, account(7), new Date(5)))
    expect(found).toBeInstanceOf(Account)
    expect([found.label, found.opened, found.owner]).toEqual(["#7", new Date(5), Option.some("ann")])
    const renamed = await runtime.runPromise(OffLoop.runSyncWith({ placement: "inline" })(tasks.rename, found, "bo"))
    expect(renamed.owner).toEqual(Option.some("bo"))
  })

  test("fails with what it declares, typed, with its identity and the worker's stack", async () => {
    const failed = await runtime.runPromise(Effect.flip(OffLoop.runSync(tasks.find, account(101))))
    expect(failed).toBeInstanceOf(NotFound)
    expect(failed).toMatchObject({ id: 101, at: new Date(0) })
    expect(failed.stack).toContain("accounts.ts")
    const later = OffLoop.run(tasks.later, 102).pipe(Effect.catchTag("NotFound", ({ id }) => Effect.succeed(id)))
    expect(await runtime.runPromise(later)).toBe(102)
  })

  test("what it throws and does not declare is a TaskError", async () => {
    const failed = await runtime.runPromise(Effect.flip(OffLoop.runSync(tasks.find, account(-1))))
    expect(failed).toMatchObject({ _tag: "TaskError", cause: { name: "RangeError" } })
  })

  test("an argument that does not fit is refused before anything is sent, with its path", async () => {
    const failed = await runtime.runPromise(Effect.flip(OffLoop.runSync(tasks.find, account(1.5))))
    expect(failed).toBeInstanceOf(TaskSchemaError)
    expect(failed).toMatchObject({ value: "arguments", issues: [{ path: "args[0].account.id" }] })
    expect(failed.message).toContain("args[0].account.id: Expected an integer, actual 1.5")
    const streamed = OffLoop.stream(tasks.all, 0.5).pipe(Streams.runDrain, Effect.flip)
    expect(await runtime.runPromise(streamed)).toMatchObject({ issues: [{ path: "args[0]" }] })
  })

  test("the worker checks the arguments too", async () => {
    const { "~codec": _, ...unchecked } = tasks.find
    const failed = await runtime.runPromise(Effect.flip(OffLoop.runSync(unchecked, account(1.5))))
    expect(failed).toMatchObject({ _tag: "TaskError", cause: { issues: [{ path: "args[0].account.id" }] } })
  })

  test("a result that does not fit is refused, on whichever side it is found", async () => {
    const wrong = await runtime.runPromise(Effect.flip(OffLoop.runSync(tasks.wrong)))
    expect(wrong).toMatchObject({ _tag: "TaskSchemaError", value: "result", issues: [{ path: "result.n" }] })
    const drifted = await runtime.runPromise(Effect.flip(OffLoop.runSync(tasks.drift)))
    expect(drifted).toMatchObject({ _tag: "TaskSchemaError", value: "result", issues: [{ path: "result" }] })
  })

  test("streams items, and then fails with what it declares", async () => {
    const seen: Account[] = []
    const failed = await runtime.runPromise(
      OffLoop.stream(tasks.all, 3).pipe(
        Streams.runForEach((item) => Effect.sync(() => seen.push(item))),
        Effect.flip,
      ),
    )
    expect(seen.map((item) => [item instanceof Account, item.label])).toEqual([
      [true, "#1"],
      [true, "#2"],
      [true, "#3"],
    ])
    expect(failed).toBeInstanceOf(NotFound)
    const first = OffLoop.stream(tasks.all, 3).pipe(Streams.take(1), Streams.runCollect)
    expect((await runtime.runPromise(first)).length).toBe(1)
  })

  test("works as an object of calls, and with promises", async () => {
    const calls = OffLoop.calls(tasks)
    expect((await runtime.runPromise(calls.find(account(3)))).label).toBe("#3")
    await using pool = await Promised.open({ maxThreads: 1, backend: "inline" })
    expect((await pool.runSync(tasks.find, account(4))).label).toBe("#4")
    await expect(pool.runSync(tasks.find, account(101))).rejects.toBeInstanceOf(NotFound)
    await expect(pool.calls(tasks).find(account(0.5))).rejects.toBeInstanceOf(TaskSchemaError)
  })

  test("has the types of its contract", () => {
    expectTypeOf(OffLoop.runSync(tasks.find, account(1))).toEqualTypeOf<
      Effect.Effect<Account, OffLoop.RunError | NotFound, OffLoop.OffLoop>
    >()
    expectTypeOf(OffLoop.stream(tasks.all, 1)).toEqualTypeOf<
      Stream.Stream<Account, OffLoop.RunError | NotFound, OffLoop.OffLoop>
    >()
    // @ts-expect-error The contract says a number.
    OffLoop.runSync(tasks.all, "1")
  })
})
