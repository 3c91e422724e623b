import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describe, expect, test } from "vitest"
import { around, guard, guardEach, type Hooks, LoopBlockedError } from "../src/testing.ts"

// Calls itself, because an engine makes a small function part of its caller.
function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}

function blockByComputing(millis: number): void {
  const end = performance.now() + millis
  while (performance.now() < end) fibonacci(20)
}

function blockByWaiting(millis: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)
}

const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

/** Far below what is blocked for here, and far above what a busy machine does. */
const threshold = 150

const caught = async (run: () => unknown, options = {}): Promise<LoopBlockedError> => {
  const error = await guard(async () => run(), { threshold, ...options }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(LoopBlockedError)
  return error as LoopBlockedError
}

describe("guard", () => {
  test.each([
    ["computes", blockByComputing, "fibonacci"],
    ["waits in native code", blockByWaiting, "blockByWaiting"],
  ])("fails what blocks the loop too long and names the code that %s", async (_, block, named) => {
    const error = await caught(async () => {
      await rest()
      block(300)
      await rest()
    })
    expect(error.thresholdMs).toBe(threshold)
    expect(error.blockedMs).toBeGreaterThan(threshold)
    expect(error.calls.join("\n")).toContain(`${named} (`)
    expect(error.stack).toContain("testing.test.ts")
    expect(error.message).toContain("OffLoop.runSync")
  })

  test("sees a stall with which the test begins and ends", async () => {
    const error = await caught(() => blockByComputing(300))
    expect(error.calls.join("\n")).toContain("fibonacci")
  })

  test("names the longest of several", async () => {
    const error = await caught(async () => {
      blockByWaiting(220)
      await rest()
      blockByComputing(400)
      await rest()
    })
    expect(error.calls.join("\n")).toContain("fibonacci")
  })

  test("lets pass what is not blocked, and what is allowed to block", async () => {
    expect(await guard(() => rest().then(() => 1), { threshold })).toBe(1)
    const allow = [/^fibonacci/]
    expect(await guard(() => blockByComputing(300), { threshold, allow })).toBe(undefined)
    await caught(() => blockByWaiting(300), { allow })
  })

  test("a failure of the code itself comes first", async () => {
    const failing = guard(
      () => {
        blockByComputing(300)
        throw new Error("own")
      },
      { threshold },
    )
    await expect(failing).rejects.toThrow("own")
  })

  test("guards that overlap each see the stall, and one that began after it does not", async () => {
    const outcome = (run: Promise<unknown>) =>
      run.then(
        () => "passed",
        (error: LoopBlockedError) => error.calls.join("\n"),
      )
    const stalled = Promise.withResolvers<void>()
    const first = outcome(guard(() => stalled.promise, { threshold }))
    const second = outcome(
      guard(
        async () => {
          await rest()
          blockByComputing(300)
          stalled.resolve()
        },
        { threshold },
      ),
    )
    await stalled.promise
    const third = outcome(guard(rest, { threshold }))
    expect(await first).toContain("fibonacci")
    expect(await second).toContain("fibonacci")
    expect(await third).toBe("passed")
  })
})

describe("around", () => {
  test("fails an effect that blocks, and keeps the failure that it has itself", async () => {
    const blocking = Effect.zipRight(
      Effect.sync(() => blockByComputing(300)),
      Effect.fail("own" as const),
    )
    const exit = await Effect.runPromiseExit(around(blocking, { threshold }))
    const failures = Exit.isFailure(exit) ? [...Cause.failures(exit.cause)] : []
    expect(failures).toEqual(["own", expect.objectContaining({ _tag: "LoopBlockedError" })])
  })

  test("passes an effect's result, and ends its watch when it is interrupted", async () => {
    expect(await Effect.runPromise(around(Effect.succeed(2), { threshold }))).toBe(2)
    const interrupted = await Effect.runPromise(Effect.timeoutOption(around(Effect.never, { threshold }), 20))
    expect(interrupted._tag).toBe("None")
  })
})

describe("guardEach", () => {
  const hooks: Array<() => Promise<void>> = []
  const register = (hook: () => Promise<void>) => hooks.push(hook)
  const runner: Hooks = { beforeEach: register, afterEach: register }
  guardEach(runner, { threshold })

  test("fails the test that blocks, and not the next", async () => {
    const [before, after] = hooks as [() => Promise<void>, () => Promise<void>]
    await before()
    blockByComputing(300)
    await expect(after()).rejects.toThrow(LoopBlockedError)
    await before()
    await rest()
    await after()
  })
})
