import { Deferred, Effect, Exit, Fiber } from "effect"
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
  test("takes an integer of 0 or more, or Infinity, and refuses the rest with a typed error", () =>
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

  test("never lends more tokens than there are, and serves in the order of arrival", () =>
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

  test("one borrower has one token: a second acquire fails, as does a release without a token", () =>
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

  test("a borrower that already waits cannot ask again", () =>
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

  test("tokens can be acquired and released on behalf of others", () =>
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

  test("a token that comes free is reserved for the first who waits: nowait cannot take it", () =>
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

  test("interrupting one who waits gives its place to the next", () =>
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

  test("interrupting one to whom the token was just handed over loses nothing", () =>
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

  test("raising the number of tokens serves those who wait", () =>
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

  test("lowering it takes nothing away, and lends none until enough have come back", () =>
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

  test("the token comes back when the effect fails, dies or is interrupted, and when the scope closes", () =>
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

  test("whatever happens, no token is lost or lent twice", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            interruptAfter: fc.option(fc.integer({ min: 0, max: 30 })),
            work: fc.integer({ min: 0, max: 10 }),
            total: fc.option(fc.integer({ min: 0, max: 4 })),
          }),
          { maxLength: 30 },
        ),
        (plans) =>
          go(
            Effect.gen(function* () {
              const limiter = yield* CapacityLimiter.make(2)
              let inside = 0
              let most = 2
              const user = (work: number) =>
                limiter.use(
                  Effect.acquireUseRelease(
                    Effect.sync(() => {
                      inside++
                      expect(inside).toBeLessThanOrEqual(most)
                    }),
                    () => Effect.repeatN(Effect.yieldNow(), work),
                    () => Effect.sync(() => inside--),
                  ),
                )
              const fibers = []
              for (const { interruptAfter, work, total } of plans) {
                const fiber = yield* Effect.fork(user(work))
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
              yield* Effect.forEach(fibers, Fiber.await)
              expect(yield* limiter.statistics).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0, borrowers: [] })
            }),
          ),
      ),
      { numRuns: 50 },
    ))
})
