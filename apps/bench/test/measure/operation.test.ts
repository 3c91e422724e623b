import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { drive, effectOperation, type Operation, promise, sync } from "../../src/measure/operation.ts"
import { makeSampler } from "../../src/measure/sampler.ts"

/** Counts what runs, and what runs at once. */
const counted = () => {
  const seen: Array<number> = []
  let running = 0
  let most = 0
  const start = (index: number) => {
    seen.push(index)
    most = Math.max(most, ++running)
  }
  const end = () => void running--
  return { seen, start, end, most: () => most }
}

type Counter = ReturnType<typeof counted>

const kinds: Readonly<Record<string, (counter: Counter) => Operation<unknown>>> = {
  promise: ({ start, end }) =>
    promise(async (index) => {
      start(index)
      await Promise.resolve()
      end()
    }),
  effect: ({ start, end }) =>
    effectOperation(Effect, (index) =>
      Effect.sync(() => start(index)).pipe(Effect.zipRight(Effect.yieldNow()), Effect.zipRight(Effect.sync(end))),
    ),
}

describe.each(Object.keys(kinds))("drive, with an operation of kind %s", (kind) => {
  it("runs each index once, in order, with as many in flight as asked for and no more", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(50),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 16 }),
        async (from, count, inFlight) => {
          const counter = counted()
          await drive(kinds[kind]!(counter), from, count, inFlight)
          expect(counter.seen).toEqual(Array.from({ length: count }, (_, offset) => from + offset))
          expect(counter.most()).toBe(Math.min(count, inFlight))
        },
      ),
      { numRuns: 30 },
    )
  })

  it("fails when one operation fails", async () => {
    const failing = promise(async (index) => {
      if (index === 3) throw new Error("the third")
    })
    await expect(drive(failing, 0, 10, 2)).rejects.toThrow("the third")
  })
})

describe("drive, with a synchronous operation", () => {
  it("makes no promise", () => {
    const seen: Array<number> = []
    expect(
      drive(
        sync((index) => seen.push(index)),
        5,
        3,
        64,
      ),
    ).toBeUndefined()
    expect(seen).toEqual([5, 6, 7])
  })
})

describe("makeSampler", () => {
  it("gives times of one operation, and never the same index twice", async () => {
    const seen: Array<number> = []
    const sampler = makeSampler(
      sync((index) => seen.push(index)),
      1,
    )
    await sampler.warmUp(5)
    const samples = await sampler.round(5)
    expect(samples.length).toBeGreaterThan(0)
    expect(samples.every((sample) => sample > 0 && Number.isFinite(sample))).toBe(true)
    expect(sampler.operations()).toBe(seen.length)
    expect(new Set(seen).size).toBe(seen.length)
    // Pushing to an array is far shorter than a sample may be.
    expect(sampler.operationsPerSample()).toBeGreaterThan(1)
  })

  it("does not swallow a failure in a round", async () => {
    const sampler = makeSampler(
      sync((index) => {
        if (index > 0) throw new Error("broken")
      }),
      1,
    )
    await expect(sampler.round(5)).rejects.toThrow("broken")
  })
})
