import { describe, expect, it } from "vitest"
import { type Call, CallbackCall, Immediate, type Leaving, Left, Mapped } from "../../src/operation/call.ts"
import { Operation, type Procedure, settled, wait } from "../../src/operation/operation.ts"
import type { Done, Outcome } from "../../src/operation/outcome.ts"

/** A call that a test answers, and that tells how it was left. */
class Manual<A> implements Call<A> {
  readonly how: Leaving
  left = 0
  done: Done<A> | undefined

  constructor(how: Leaving) {
    this.how = how
  }

  start(done: Done<A>): void {
    this.done = done
  }

  leave(): Leaving {
    this.left++
    return this.how
  }

  answer(value: A): void {
    this.done?.({ ok: true, value })
  }
}

/** Starts a procedure and notes what it ended with. */
const start = <A>(make: () => Procedure<A>) => {
  const operation = new Operation(make)
  const outcomes: Array<Outcome<A>> = []
  operation.start((outcome) => outcomes.push(outcome))
  return { operation, outcomes }
}

const broken = new Error("broken")

describe("an operation", () => {
  it("runs steps in order and gives what its procedure returns, or throws", () => {
    const first = new Manual<number>("gone")
    const { outcomes } = start(function* () {
      const a = yield* wait(first)
      const b = yield* wait(new Immediate(() => 2))
      return a + b
    })
    expect(outcomes).toEqual([])
    first.answer(40)
    expect(outcomes).toEqual([{ ok: true, value: 42 }])
    const thrown = start(function* () {
      yield* wait(new Immediate(() => 1))
      throw broken
    })
    expect(thrown.outcomes).toEqual([{ ok: false, error: broken }])
  })

  it("throws a call's error into its procedure, which may go on", () => {
    const { outcomes } = start(function* () {
      const outcome = yield* settled(
        new Immediate((): number => {
          throw broken
        }),
      )
      return outcome
    })
    expect(outcomes).toEqual([{ ok: true, value: { ok: false, error: broken } }])
  })

  it("does not grow the stack over 200,000 answers that come at once", () => {
    const { outcomes } = start(function* () {
      let sum = 0
      for (let n = 0; n < 200_000; n++) sum += yield* wait(new Immediate(() => 1))
      return sum
    })
    expect(outcomes).toEqual([{ ok: true, value: 200_000 }])
  })

  it("that is left while its call can be withdrawn cleans up at once, and tells nobody", () => {
    const call = new Manual<number>("gone")
    const seen: Array<unknown> = []
    const { operation, outcomes } = start(function* () {
      try {
        yield* wait(call)
      } catch (error) {
        seen.push(error)
      } finally {
        seen.push("cleaned")
      }
    })
    expect(operation.leave()).toBe("gone")
    expect(seen).toEqual([expect.any(Left), "cleaned"])
    expect((seen[0] as Left).outcome).toBeUndefined()
    expect(outcomes).toEqual([])
  })

  it("that is left while its call goes on is told what that ended with, cleans up, and ends later", () => {
    const call = new Manual<number>("later")
    const cleaning = new Manual<void>("gone")
    let seen: unknown
    const { operation, outcomes } = start(function* () {
      try {
        yield* wait(call)
      } catch (error) {
        seen = error
        yield* wait(cleaning)
        throw error
      }
    })
    expect([operation.leave(), seen, outcomes]).toEqual(["later", undefined, []])
    call.answer(7)
    expect((seen as Left).outcome).toEqual({ ok: true, value: 7 })
    // Leaving again changes nothing: the clean-up goes on.
    expect([operation.leave(), cleaning.left, outcomes]).toEqual(["later", 0, []])
    cleaning.answer()
    expect(outcomes).toEqual([{ ok: false, error: seen }])
  })

  it("that is withdrawn but has to wait for its clean-up ends later", () => {
    const call = new Manual<number>("gone")
    const cleaning = new Manual<void>("gone")
    const { operation, outcomes } = start(function* () {
      try {
        yield* wait(call)
      } finally {
        yield* wait(cleaning)
      }
    })
    expect([operation.leave(), outcomes]).toEqual(["later", []])
    cleaning.answer()
    expect(outcomes).toEqual([{ ok: false, error: expect.any(Left) }])
  })

  it("whose outcome must be known gives it to a caller that wanted to leave", () => {
    for (const answer of [
      { ok: true, value: 42 },
      { ok: false, error: broken },
    ] as const) {
      const commit = new Manual<number>("stay")
      const { operation, outcomes } = start(() => wait(commit))
      expect([operation.leave(), operation.leave(), commit.left]).toEqual(["stay", "stay", 1])
      commit.done?.(answer)
      expect(outcomes).toEqual([answer])
    }
  })

  it("lets a caller go that had to wait for an outcome when something follows that need not be waited for", () => {
    for (const how of ["gone", "later"] as const) {
      const commit = new Manual<number>("stay")
      const next = new Manual<number>(how)
      let seen: unknown
      const { operation, outcomes } = start(function* () {
        yield* wait(commit)
        try {
          return yield* wait(next)
        } catch (error) {
          seen = error
          throw error
        }
      })
      expect(operation.leave()).toBe("stay")
      commit.answer(1)
      expect(outcomes).toEqual([{ ok: false, error: expect.any(Left) }])
      next.answer(2)
      expect(seen).toBeInstanceOf(Left)
      expect(outcomes).toHaveLength(1)
    }
  })

  it.each(["later", "stay"] as const)(
    "can be answered by the very leaving of its call, which is left as: %s",
    (how) => {
      const outcomes: Array<Outcome<number>> = []
      let seen: unknown
      let answer: Done<number> = () => {}
      const operation = new Operation(function* () {
        try {
          return yield* wait(
            new CallbackCall<number>(
              (done) => {
                answer = done
              },
              how,
              () => answer({ ok: false, error: broken }),
            ),
          )
        } catch (error) {
          seen = error
          throw error
        }
      })
      operation.start((outcome) => outcomes.push(outcome))
      if (how === "later") {
        expect([operation.leave(), outcomes]).toEqual(["gone", []])
        expect((seen as Left).outcome).toEqual({ ok: false, error: broken })
      } else expect([operation.leave(), outcomes]).toEqual(["stay", [{ ok: false, error: broken }]])
    },
  )

  it("can be left from within an answer that comes at once", () => {
    const call = new Manual<number>("gone")
    const steps: Array<string> = []
    const operation: Operation<void> = new Operation(function* () {
      yield* wait(new Immediate(() => steps.push(`left: ${operation.leave()}`)))
      steps.push("went on")
      yield* wait(call)
    })
    const outcomes: Array<Outcome<void>> = []
    operation.start((outcome) => outcomes.push(outcome))
    expect([steps, call.left]).toEqual([["left: gone"], 0])
    expect(outcomes).toEqual([])
  })
})

describe("calls", () => {
  it("of callbacks say how they are left, and tell", () => {
    let told = 0
    const call = new CallbackCall<number>(
      (done) => done({ ok: true, value: 1 }),
      "later",
      () => told++,
    )
    const outcomes: Array<Outcome<number>> = []
    call.start((outcome) => outcomes.push(outcome))
    expect([outcomes, call.leave(), told]).toEqual([[{ ok: true, value: 1 }], "later", 1])
  })

  it("that are mapped give what is made of the answer, or what making it threw", () => {
    const answers = (map: (value: number) => number): ReadonlyArray<Outcome<number>> => {
      const outcomes: Array<Outcome<number>> = []
      new Mapped(new Immediate(() => 20), map).start((outcome) => outcomes.push(outcome))
      return outcomes
    }
    expect(answers((value) => value + 1)).toEqual([{ ok: true, value: 21 }])
    const failing = (): number => {
      throw broken
    }
    expect(answers(failing)).toEqual([{ ok: false, error: broken }])
    expect(new Mapped(new Manual("stay"), failing).leave()).toBe("stay")
  })
})
