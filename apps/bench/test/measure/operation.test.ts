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

/** A clock that goes on by so much with each operation, and stands still otherwise: a busy machine changes nothing. */
const operationThatTakes = (ms: number) => {
  const seen: Array<number> = []
  const operation = sync((index) => seen.push(index))
  return { operation, seen, now: () => seen.length * ms }
}

describe("makeSampler", () => {
  it("gives times of one operation, and never the same index twice", async () => {
    const { operation, seen, now } = operationThatTakes(0.5)
    const sampler = makeSampler(operation, 1, { now })
    await sampler.warmUp(5)
    expect(await sampler.round(5)).toEqual(Array(10).fill(500))
    expect(sampler.operationsPerSample()).toBe(1)
    expect(sampler.operations()).toBe(seen.length)
    expect(seen).toEqual(Array.from(seen, (_, index) => index))
  })

  it("makes a sample of as many short operations as can be timed", async () => {
    const { operation, now } = operationThatTakes(2 ** -10)
    const sampler = makeSampler(operation, 1, { now })
    await sampler.warmUp(100)
    expect(sampler.operationsPerSample()).toBe(128)
    const samples = await sampler.round(5)
    expect(new Set(samples)).toEqual(new Set([1000 / 1024]))
  })

  it("takes fewer at a time again when they have become slower, but fills every lane", async () => {
    const seen: Array<number> = []
    let time = 0
    const operation = promise(async (index) => {
      seen.push(index)
      time += 1
    })
    const sampler = makeSampler(operation, 4, { now: () => time })
    await sampler.warmUp(1_000)
    expect(sampler.operationsPerSample()).toBe(64)
    expect(seen).toEqual(Array.from(seen, (_, index) => index))
  })

  it("stops warming up when the time of an operation is steady, and not before", async () => {
    const count = async (timeOf: (operations: number) => number) => {
      let [operations, time] = [0, 0]
      const operation = sync(() => {
        time += timeOf(operations++)
      })
      await makeSampler(operation, 1, { now: () => time }).warmUp(100_000)
      return time
    }
    expect(await count(() => 1)).toBe(70)
    // Compiled after two windows: three more have to agree.
    expect(await count((operations) => (operations < 30 ? 1 : 0.25))).toBe(310)
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
