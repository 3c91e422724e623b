import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { describe, expect, test } from "vitest"
import { retry as retryEffect } from "../../src/index.ts"
import { RetriesExhaustedError, retry } from "../../src/promise.ts"

const busy = Object.assign(new Error("busy"), { isRetryable: true })
const wrong = Object.assign(new Error("wrong"), { isRetryable: false })

/** Fails a number of times. */
const failing = (times: number, error: Error) => {
  const world = { calls: 0 }
  return {
    world,
    work: async (attempt: number): Promise<number> => {
      expect(attempt).toBe(++world.calls)
      if (world.calls <= times) throw error
      return world.calls
    },
  }
}

describe("retry with promises", () => {
  test("gives what the first try gives that succeeds", async () => {
    const { work } = failing(3, busy)
    expect(await retry(work, { delay: 0 })).toBe(4)
  })

  test("ends typed after the last try", async () => {
    const { work, world } = failing(9, busy)
    const error = await retry(work, { attempts: 3, delay: 0 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RetriesExhaustedError)
    expect(error).toMatchObject({ attempts: 3, cause: busy, message: expect.stringContaining("tried 3 times") })
    expect(world.calls).toBe(3)
  })

  test("passes on other errors at once, and what is no error at all", async () => {
    const { work, world } = failing(9, wrong)
    await expect(retry(work)).rejects.toBe(wrong)
    expect(world.calls).toBe(1)
    await expect(retry(() => Promise.reject(null))).rejects.toBe(null)
  })

  test("ends with the reason of a signal, before a try and in a pause", async () => {
    const reason = new Error("enough")
    const { work, world } = failing(9, busy)
    await expect(retry(work, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(world.calls).toBe(0)
    const controller = new AbortController()
    const trying = retry(
      async (attempt) => {
        queueMicrotask(() => queueMicrotask(() => controller.abort(reason)))
        return await work(attempt)
      },
      { signal: controller.signal, delay: "1 hour", maxDelay: "1 hour" },
    )
    await expect(trying).rejects.toBe(reason)
    expect(world.calls).toBe(1)
  })

  test.each([{ attempts: 0 }, { attempts: 1.5 }, { delay: -1 }, { maxDelay: Number.POSITIVE_INFINITY }, { tries: 3 }])(
    "refuses %o",
    async (options) => {
      await expect(retry(() => 1, options as never)).rejects.toMatchObject({ _tag: "ArgumentError" })
    },
  )
})

describe("retry with Effect", () => {
  const effectOf = ({ work, world }: ReturnType<typeof failing>) =>
    Effect.suspend(() => Effect.tryPromise({ try: () => work(world.calls + 1), catch: (error) => error as Error }))

  test("gives what the first try gives that succeeds", async () => {
    expect(await Effect.runPromise(retryEffect(effectOf(failing(3, busy)), Schedule.recurs(5)))).toBe(4)
    expect(await Effect.runPromise(retryEffect(effectOf(failing(1, busy))))).toBe(2)
  })

  test("ends typed when the schedule does, and at once with other errors", async () => {
    const tired = await Effect.runPromise(Effect.flip(retryEffect(effectOf(failing(9, busy)), Schedule.recurs(2))))
    expect(tired).toMatchObject({ _tag: "RetriesExhaustedError", attempts: 3, cause: busy })
    const other = failing(9, wrong)
    expect(await Effect.runPromise(Effect.flip(retryEffect(effectOf(other))))).toBe(wrong)
    expect(other.world.calls).toBe(1)
  })
})
