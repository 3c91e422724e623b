import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as Stream from "effect/Stream"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type AsyncEngine, integer, select, table } from "../../src/index.ts"
import { disconnect, driverError } from "../driver/scripted-driver.ts"
import { withEngine } from "../engine/open.ts"

const numbers = table("numbers", { n: integer().primaryKey() })
const selectNumbers = 'SELECT "numbers"."n" FROM "numbers"'

/**
 * Lets other fibers run between operations as a plan says. Yielding takes some operations itself, during which there must
 * be no other yield.
 */
class RestlessScheduler extends Scheduler.MixedScheduler {
  readonly #gaps: ReadonlyArray<number>
  #next = 0
  #count = 0

  constructor(gaps: ReadonlyArray<number>) {
    super(2048)
    this.#gaps = gaps
  }

  override shouldYield(): number | false {
    if (++this.#count < (this.#gaps[this.#next % this.#gaps.length] as number)) return false
    this.#next++
    this.#count = 0
    return 0
  }
}

/** Programs that a fiber runs on an engine, by name. */
const works = {
  connects: (engine: AsyncEngine) => Effect.scoped(engine.connect),
  reads: (engine: AsyncEngine) =>
    Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.execute(select(numbers)))),
  commits: (engine: AsyncEngine) => engine.begin((conn) => conn.execDriverSql("INSERT 1")),
  fails: (engine: AsyncEngine) =>
    engine.begin((conn) => Effect.zipRight(conn.execDriverSql("INSERT 1"), Effect.fail("mine"))),
  nests: (engine: AsyncEngine) =>
    engine.begin((conn) =>
      Effect.gen(function* () {
        yield* conn.beginNested(() => conn.execDriverSql("INSERT 1"))
        yield* Effect.exit(conn.beginNested(() => Effect.zipRight(conn.execDriverSql("INSERT 2"), Effect.fail("mine"))))
      }),
    ),
  streams: (engine: AsyncEngine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) =>
        Stream.runDrain(conn.stream(select(numbers), undefined, { executionOptions: { yieldPer: 1 } })),
      ),
    ),
  // Not by a concurrent forEach, which itself may hang when it is interrupted between certain operations.
  shares: (engine: AsyncEngine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) =>
        Effect.flatMap(
          Effect.forEach([1, 2, 3], (n) => Effect.fork(conn.execDriverSql(`SELECT ${n}`))),
          (running) => Effect.forEach(running, (fiber) => Fiber.join(fiber)),
        ),
      ),
    ),
  survives: (engine: AsyncEngine) =>
    Effect.scoped(
      Effect.flatMap(engine.connect, (conn) =>
        Effect.gen(function* () {
          const running = yield* Effect.fork(conn.execDriverSql("SELECT 1"))
          yield* Effect.yieldNow()
          yield* Fiber.interrupt(running)
          yield* conn.rollback
          yield* conn.execDriverSql("SELECT 2")
          yield* conn.commit
        }),
      ),
    ),
  borrows: (engine: AsyncEngine) => Effect.scoped(engine.rawConnection),
}

const workNames = Object.keys(works) as ReadonlyArray<keyof typeof works>
const failing = [
  "connect",
  "BEGIN",
  "INSERT 1",
  "commit",
  "rollback",
  "reset",
  "ping",
  "fetch 1",
  "close cursor",
] as const

const fiberPlan = fc.record({
  work: fc.constantFrom(...workNames),
  /** The number of turns of the others after which it is interrupted; undefined: never. */
  interruptAfter: fc.option(fc.nat(80), { nil: undefined }),
  /** The number of operations after which it lets others run, again and again: it can be interrupted between any two. */
  gaps: fc.array(fc.integer({ min: 12, max: 40 }), { minLength: 1, maxLength: 10 }),
})
const plan = fc.record({
  fibers: fc.array(fiberPlan, { minLength: 1, maxLength: 8 }),
  failures: fc.array(fc.tuple(fc.constantFrom(...failing), fc.boolean()), { maxLength: 3 }),
  delays: fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
  poolSize: fc.integer({ min: 1, max: 2 }),
  poolPrePing: fc.boolean(),
  resetsAhead: fc.boolean(),
})

describe("an interruption at any moment of any work", () => {
  it("loses no slot, breaks no rule of the driver and leaves an engine that works", async () => {
    await fc.assert(
      fc.asyncProperty(plan, ({ fibers, failures, delays, poolSize, poolPrePing, resetsAhead }) =>
        withEngine(
          (engine, database) =>
            Effect.gen(function* () {
              let step = 0
              database.resetsAhead = resetsAhead
              database.delay = () => delays[step++ % delays.length] as number
              database.answers.set(selectNumbers, [["n"], [1, 2, 3]])
              for (const [what, lost] of failures) database.fail(what, lost ? disconnect() : driverError())
              yield* Effect.forEach(
                fibers,
                ({ work, interruptAfter, gaps }) =>
                  Effect.gen(function* () {
                    const running = yield* Effect.fork(
                      Effect.withScheduler(works[work](engine), new RestlessScheduler(gaps)),
                    )
                    if (interruptAfter !== undefined) {
                      yield* Effect.repeatN(Effect.yieldNow(), interruptAfter)
                      yield* Fiber.interruptFork(running)
                    }
                    yield* Fiber.await(running)
                  }),
                { concurrency: "unbounded" },
              )
              for (const what of failing) while (database.unfail(what));
              // All callers are served in the end, and there were never more connections than allowed.
              yield* Effect.forEach(Array.from({ length: 4 }), () => works.commits(engine), {
                concurrency: "unbounded",
              })
              expect(engine.pool.statistics()).toMatchObject({ waiting: 0, connecting: 0 })
            }),
          { poolSize, maxOverflow: 0, poolPrePing, echo: false },
        ),
      ),
      { numRuns: 200 },
    )
  })
})
