import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as Scope from "effect/Scope"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CapacityLimiter } from "../src/index.ts"

const go = <A, E>(program: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(program)

/** Lets forked fibers run until they wait. */
const settle = Effect.repeatN(Effect.yieldNow(), 20)

/** Forks a use of the limiter that lasts until it is opened, and records when it began. */
const hold = (limiter: CapacityLimiter.CapacityLimiter, name: string, began: string[]) =>
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(
      limiter.use(
        Effect.zipRight(
          Effect.sync(() => began.push(name)),
          Deferred.await(gate),
        ),
      ),
    )
    yield* settle
    return { open: Effect.zipRight(Deferred.succeed(gate, undefined), settle), fiber }
  })

describe("CapacityLimiter", () => {
  test("total_tokens: an integer of 0 or more, or Infinity; the rest is refused with a typed error, and the old number stays", () =>
    go(
      Effect.gen(function* () {
        for (const total of [0, 1, 40, Number.POSITIVE_INFINITY]) {
          const limiter = yield* CapacityLimiter.make(total)
          expect(yield* limiter.totalTokens).toBe(total)
        }
        for (const total of [-1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, "3" as unknown as number]) {
          const error = yield* Effect.flip(CapacityLimiter.make(total))
          expect(error).toMatchObject({ _tag: "LimiterError", reason: "InvalidTotalTokens" })
          expect(error.message).toContain(String(total))
          const limiter = yield* CapacityLimiter.make(1)
          expect(yield* Effect.flip(limiter.setTotalTokens(total))).toMatchObject({ reason: "InvalidTotalTokens" })
          expect(yield* limiter.totalTokens).toBe(1)
        }
      }),
    ))

  test("acquire: never more tokens are lent than there are, and those who wait are served in the order of arrival (FIFO)", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(2)
        const began: string[] = []
        const a = yield* hold(limiter, "a", began)
        yield* hold(limiter, "b", began)
        const c = yield* hold(limiter, "c", began)
        yield* hold(limiter, "d", began)
        expect(began).toEqual(["a", "b"])
        expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 2, totalTokens: 2, tasksWaiting: 2 })
        expect((yield* limiter.statistics).borrowers).toHaveLength(2)
        expect(yield* limiter.availableTokens).toBe(0)
        yield* a.open
        expect(began).toEqual(["a", "b", "c"])
        yield* c.open
        expect(began).toEqual(["a", "b", "c", "d"])
        expect(yield* limiter.borrowedTokens).toBe(2)
      }),
    ))

  test("acquire, release: one borrower has one token; a second acquire fails, as does a release without a token", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(5)
        yield* limiter.acquire
        expect(yield* Effect.flip(limiter.acquire)).toMatchObject({ reason: "AlreadyBorrowing" })
        expect(yield* Effect.flip(limiter.acquireNowait)).toMatchObject({ reason: "AlreadyBorrowing" })
        expect(yield* Effect.flip(limiter.use(Effect.void))).toMatchObject({ reason: "AlreadyBorrowing" })
        // Another fiber is another borrower.
        yield* Effect.fromFiber(yield* Effect.fork(limiter.use(Effect.void)))
        yield* limiter.release
        expect(yield* Effect.flip(limiter.release)).toMatchObject({ reason: "NotBorrowing" })
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("acquire_on_behalf_of: a borrower that already waits cannot ask again", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(0)
        const borrower = { name: "one" }
        const waiting = yield* Effect.fork(limiter.acquireOnBehalfOf(borrower))
        yield* settle
        expect(yield* Effect.flip(limiter.acquireOnBehalfOf(borrower))).toMatchObject({ reason: "AlreadyBorrowing" })
        yield* limiter.setTotalTokens(1)
        yield* Fiber.join(waiting)
        expect((yield* limiter.statistics).borrowers).toEqual([borrower])
      }),
    ))

  test("acquire_on_behalf_of, release_on_behalf_of: tokens can be acquired and released for others", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        const one = {}
        const two = {}
        yield* limiter.acquireOnBehalfOf(one)
        expect(yield* Effect.flip(limiter.releaseOnBehalfOf(two))).toMatchObject({ reason: "NotBorrowing" })
        expect(yield* Effect.flip(limiter.acquireOnBehalfOfNowait(two))).toMatchObject({
          _tag: "WouldBlockError",
          totalTokens: 1,
        })
        yield* limiter.releaseOnBehalfOf(one)
        yield* limiter.acquireOnBehalfOfNowait(two)
        expect((yield* limiter.statistics).borrowers).toEqual([two])
        const exit = yield* Effect.exit(limiter.useOnBehalfOf(two)(Effect.void))
        expect(Exit.isFailure(exit)).toBe(true)
      }),
    ))

  test("acquire_nowait cannot steal: a token that comes free is reserved for the first who waits", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        yield* limiter.acquire
        const waiting = yield* Effect.fork(limiter.acquireOnBehalfOf({}))
        yield* settle
        yield* limiter.release
        // The waiter has not run since.
        expect(yield* Effect.flip(limiter.acquireNowait)).toMatchObject({ _tag: "WouldBlockError" })
        yield* Fiber.join(waiting)
        expect(yield* limiter.borrowedTokens).toBe(1)
      }),
    ))

  test("acquire, cancelled while it waits: its place goes to the next", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        const began: string[] = []
        const a = yield* hold(limiter, "a", began)
        const b = yield* hold(limiter, "b", began)
        const c = yield* hold(limiter, "c", began)
        yield* Fiber.interrupt(b.fiber)
        expect((yield* limiter.statistics).tasksWaiting).toBe(1)
        yield* a.open
        expect(began).toEqual(["a", "c"])
        yield* c.open
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("acquire, cancelled when the token was just handed over: the token goes on to the next", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        yield* limiter.acquire
        const waiting = yield* Effect.fork(limiter.use(Effect.never))
        yield* settle
        // Both in one go: the waiter owns the token but has not run when it is interrupted.
        yield* limiter.release
        yield* Fiber.interruptFork(waiting)
        yield* Fiber.await(waiting)
        yield* settle
        expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0 })
        yield* limiter.acquireNowait
      }),
    ))

  test("total_tokens raised: those who wait are served at once", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(0)
        const began: string[] = []
        for (const name of ["a", "b", "c"]) yield* hold(limiter, name, began)
        expect(began).toEqual([])
        yield* limiter.setTotalTokens(2)
        yield* settle
        expect(began).toEqual(["a", "b"])
        yield* limiter.setTotalTokens(Number.POSITIVE_INFINITY)
        yield* settle
        expect(began).toEqual(["a", "b", "c"])
        expect(yield* limiter.availableTokens).toBe(Number.POSITIVE_INFINITY)
      }),
    ))

  test("total_tokens lowered: nobody loses a token, and none is lent until enough have come back", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(3)
        const began: string[] = []
        const held = []
        for (const name of ["a", "b", "c"]) held.push(yield* hold(limiter, name, began))
        yield* limiter.setTotalTokens(1)
        expect(yield* limiter.availableTokens).toBe(-2)
        yield* hold(limiter, "d", began)
        yield* held[0]?.open ?? Effect.void
        yield* held[1]?.open ?? Effect.void
        expect(began).toEqual(["a", "b", "c"])
        yield* held[2]?.open ?? Effect.void
        expect(began).toEqual(["a", "b", "c", "d"])
      }),
    ))

  test("async with limiter: the token comes back when the effect fails, dies or is interrupted, and when the scope closes", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        yield* Effect.exit(limiter.use(Effect.fail("failed")))
        yield* Effect.exit(limiter.use(Effect.die("died")))
        const fiber = yield* Effect.fork(limiter.use(Effect.never))
        yield* settle
        yield* Fiber.interrupt(fiber)
        yield* Effect.scoped(
          Effect.zipRight(
            limiter.scoped,
            Effect.sync(() => expect(limiter).toBeDefined()),
          ),
        )
        expect(yield* limiter.borrowedTokens).toBe(0)
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* limiter.scoped
            expect(yield* limiter.borrowedTokens).toBe(1)
          }),
        )
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("a token of acquire outlives neither its release nor its fiber", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(1)
        yield* Effect.fromFiber(yield* Effect.fork(limiter.acquire))
        expect(yield* limiter.borrowedTokens).toBe(0)
        yield* Effect.fromFiber(yield* Effect.fork(limiter.acquireNowait))
        expect(yield* limiter.borrowedTokens).toBe(0)
        // A timeout is a fiber of its own: it cannot take a token for the one around it.
        yield* limiter.acquire.pipe(Effect.timeout("1 minute"))
        expect(yield* limiter.borrowedTokens).toBe(0)
        const error = yield* Effect.flip(limiter.release)
        expect(error.message).toContain("timeout")
        yield* Effect.timeout(Effect.zipRight(limiter.acquire, limiter.release), "1 minute")
        // One fiber, again and again.
        for (let n = 0; n < 3; n++) yield* Effect.zipRight(limiter.acquire, limiter.release)
        expect(yield* limiter.borrowedTokens).toBe(0)
      }),
    ))

  test("statistics: any value can be a borrower, and they are named in the order in which they got their tokens", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(Number.POSITIVE_INFINITY)
        const borrowers = ["tenant", 7, Symbol("s"), { name: "request" }, undefined]
        for (const borrower of borrowers) yield* limiter.acquireOnBehalfOf(borrower)
        expect(yield* limiter.statistics).toEqual({
          borrowedTokens: 5,
          totalTokens: Number.POSITIVE_INFINITY,
          borrowers,
          tasksWaiting: 0,
        })
        expect(yield* Effect.flip(limiter.acquireOnBehalfOfNowait("tenant"))).toMatchObject({
          reason: "AlreadyBorrowing",
        })
        for (const borrower of borrowers) yield* limiter.releaseOnBehalfOf(borrower)
      }),
    ))

  test("scopedOnBehalfOf holds the token of its borrower until the scope closes", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(2)
        const scope = yield* Scope.make()
        yield* Scope.extend(limiter.scopedOnBehalfOf("a"), scope)
        expect((yield* limiter.statistics).borrowers).toEqual(["a"])
        expect(yield* Effect.flip(Effect.scoped(limiter.scopedOnBehalfOf("a")))).toMatchObject({
          reason: "AlreadyBorrowing",
        })
        yield* Scope.close(scope, Exit.void)
        expect((yield* limiter.statistics).borrowers).toEqual([])
      }),
    ))

  test("total_tokens raised after it was lowered: who waits is served only when borrowers are fewer than tokens", () =>
    go(
      Effect.gen(function* () {
        // anyio's asyncio backend grants by the difference of the two numbers here, and lends one token too many.
        const limiter = yield* CapacityLimiter.make(3)
        for (const name of ["a", "b", "c"]) yield* limiter.acquireOnBehalfOf(name)
        yield* limiter.setTotalTokens(1)
        const waiting = yield* Effect.fork(limiter.acquireOnBehalfOf("d"))
        yield* settle
        yield* limiter.setTotalTokens(2)
        yield* settle
        expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 3, tasksWaiting: 1 })
        yield* limiter.releaseOnBehalfOf("a")
        expect(yield* limiter.availableTokens).toBe(0)
        yield* limiter.releaseOnBehalfOf("b")
        yield* Fiber.join(waiting)
        expect((yield* limiter.statistics).borrowers).toEqual(["c", "d"])
      }),
    ))

  test("total_tokens of 0: nobody gets a token, and acquire_nowait says so", () =>
    go(
      Effect.gen(function* () {
        const limiter = yield* CapacityLimiter.make(0)
        expect(yield* Effect.flip(limiter.acquireNowait)).toMatchObject({ _tag: "WouldBlockError", totalTokens: 0 })
        const waiting = yield* Effect.fork(limiter.use(Effect.void))
        yield* settle
        yield* Fiber.interrupt(waiting)
        expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0 })
      }),
    ))
})

/** Lets a fiber yield after any of its steps, so that it can be interrupted between any two. */
const yieldingAnywhere = (seed: number): Scheduler.Scheduler => {
  let state = seed
  return {
    shouldYield: () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      // Yielding takes steps itself: with a chance of one in ten there would be no end of it.
      return state >>> 16 < 0x7fff / 40 ? 0 : false
    },
    scheduleTask: (task, priority) => Scheduler.defaultScheduler.scheduleTask(task, priority),
  }
}

/** Does something after one of the steps of a fiber, and lets the fiber yield there. */
const atStep = (step: number, act: Effect.Effect<unknown>): Scheduler.Scheduler => {
  let steps = 0
  return {
    shouldYield: () => {
      if (steps++ !== step) return false
      Effect.runSync(act)
      return 0
    },
    scheduleTask: (task, priority) => Scheduler.defaultScheduler.scheduleTask(task, priority),
  }
}

/** Every way to use a token that promises not to lose it, and the one way that leaves that to its caller. */
const forms: Record<
  string,
  (limiter: CapacityLimiter.CapacityLimiter, work: Effect.Effect<void>) => Effect.Effect<void, unknown>
> = {
  use: (limiter, work) => limiter.use(work),
  useOnBehalfOf: (limiter, work) => Effect.suspend(() => limiter.useOnBehalfOf({})(work)),
  scoped: (limiter, work) => Effect.scoped(Effect.zipRight(limiter.scoped, work)),
  scopedOnBehalfOf: (limiter, work) =>
    Effect.suspend(() => Effect.scoped(Effect.zipRight(limiter.scopedOnBehalfOf({}), work))),
  "acquire, never released": (limiter, work) => Effect.zipRight(limiter.acquire, work),
  "acquire and release": (limiter, work) =>
    Effect.zipRight(limiter.acquire, Effect.zipLeft(work, Effect.orDie(limiter.release))),
  "acquireNowait, never released": (limiter, work) =>
    Effect.catchIf(
      Effect.zipRight(limiter.acquireNowait, work),
      (error) => error._tag === "WouldBlockError",
      () => Effect.void,
    ),
  "acquireOnBehalfOf, released by its caller": (limiter, work) =>
    Effect.suspend(() => {
      const borrower = {}
      return Effect.zipRight(limiter.acquireOnBehalfOf(borrower), work).pipe(
        Effect.ensuring(Effect.ignore(limiter.releaseOnBehalfOf(borrower))),
      )
    }),
}

describe("whenever who uses a token is interrupted, and however the number of tokens changes, none is lost or lent twice", () => {
  const plan = fc.record({
    interruptAfter: fc.option(fc.integer({ min: 0, max: 120 })),
    work: fc.integer({ min: 0, max: 10 }),
    total: fc.option(fc.integer({ min: 0, max: 4 })),
  })
  for (const [name, form] of Object.entries(forms)) {
    test(name, () =>
      fc.assert(
        fc.asyncProperty(fc.array(plan, { maxLength: 20 }), fc.nat(), (plans, seed) =>
          go(
            Effect.gen(function* () {
              const scheduler = yieldingAnywhere(seed)
              const limiter = yield* CapacityLimiter.make(2)
              let inside = 0
              let most = 2
              const work = (turns: number) =>
                Effect.acquireUseRelease(
                  Effect.sync(() => {
                    inside++
                    expect(inside).toBeLessThanOrEqual(most)
                  }),
                  () => Effect.repeatN(Effect.yieldNow(), turns),
                  () => Effect.sync(() => inside--),
                )
              const fibers = []
              for (const { interruptAfter, work: turns, total } of plans) {
                const fiber = yield* Effect.fork(Effect.withScheduler(form(limiter, work(turns)), scheduler))
                fibers.push(fiber)
                if (total !== null) {
                  most = Math.max(most, total)
                  yield* limiter.setTotalTokens(total)
                }
                if (interruptAfter !== null) {
                  yield* Effect.fork(
                    Effect.zipRight(Effect.repeatN(Effect.yieldNow(), interruptAfter), Fiber.interrupt(fiber)),
                  )
                }
              }
              yield* limiter.setTotalTokens(1)
              for (const fiber of fibers) {
                const exit = yield* Fiber.await(fiber)
                if (!Exit.isSuccess(exit) && !Exit.isInterrupted(exit)) yield* exit
              }
              expect(inside).toBe(0)
              expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0, borrowers: [] })
            }),
          ),
        ),
        { numRuns: 40 },
      ),
    )
  }
})

describe("a token that comes back at any step of who asks for one is lent to it", () => {
  const waitingForms = Object.entries(forms).filter(([name]) => !name.startsWith("acquireNowait"))
  test.each(waitingForms)("%s", (_, form) =>
    go(
      Effect.gen(function* () {
        for (let step = 0; step < 60; step++) {
          const limiter = yield* CapacityLimiter.make(1)
          yield* limiter.acquireOnBehalfOf("holder")
          const giveBack = yield* Effect.cached(Effect.ignore(limiter.releaseOnBehalfOf("holder")))
          const asking = yield* Effect.fork(Effect.withScheduler(form(limiter, Effect.void), atStep(step, giveBack)))
          yield* settle
          // It was in line before that step.
          yield* giveBack
          const exit = yield* Effect.timeoutOption(Fiber.await(asking), 5000)
          expect(exit, `step ${step}`).toMatchObject({ _tag: "Some", value: { _tag: "Success" } })
          expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0 })
        }
      }),
    ),
  )
})
