import { AsyncLocalStorage } from "node:async_hooks"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { describe, expect } from "vitest"
import { add, count, eq } from "../expression/index.ts"
import { createAll, insert, select, textClause, update } from "../statement/index.ts"
import type { Contract } from "./contract.ts"
import { authors } from "./sample-tables.ts"

const fibers = Array.from({ length: 40 }, (_, index) => index)
const born = select(authors.c.born).where(eq(authors.c.id, 1))

/** Many fibers at once, on one connection and on many. */
export const concurrencyContract = ({ subject, test }: Contract): void => {
  describe("concurrency", () => {
    test("runs many transactions at once, and all of their writes", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) => conn.execute(createAll([authors])))
        yield* Effect.forEach(
          fibers,
          (fiber) =>
            engine.begin((conn) =>
              Effect.gen(function* () {
                yield* conn.execute(insert(authors).values({ name: `${fiber} a` }))
                yield* conn.execute(insert(authors).values({ name: `${fiber} b` }))
              }),
            ),
          { concurrency: "unbounded" },
        )
        const total = yield* engine.begin((conn) => conn.scalar(select({ n: count() }).from(authors)))
        expect(total).toBe(fibers.length * 2)
      }))

    test("loses no update of one row", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) =>
          Effect.zipRight(
            conn.execute(createAll([authors])),
            conn.execute(insert(authors).values({ id: 1, name: "ann", born: 0 })),
          ),
        )
        const increment = update(authors)
          .set({ born: add(authors.c.born, 1) })
          .where(eq(authors.c.id, 1))
        yield* Effect.forEach(fibers, () => engine.begin((conn) => conn.execute(increment)), {
          concurrency: "unbounded",
        })
        expect(yield* engine.begin((conn) => conn.scalar(born))).toBe(fibers.length)
      }))

    test(
      "runs each of many one-shot statements once, that wait for a connection together",
      ({ engine }) =>
        Effect.gen(function* () {
          yield* engine.begin((conn) => conn.execute(createAll([authors])))
          const size = engine.pool.size()
          const names = Array.from({ length: 2000 }, (_, index) => `author ${index}`)
          const insertName = textClause("INSERT INTO authors (name) VALUES (:name)")
          const waiting = yield* Effect.scoped(
            Effect.gen(function* () {
              yield* Effect.replicateEffect(engine.connect, size)
              // Each begins to run at once.
              return names.map((name) => Effect.runFork(engine.execute(insertName, { name })))
            }),
          )
          yield* Fiber.joinAll(waiting)
          expect(yield* engine.scalar(select({ n: count() }).from(authors))).toBe(names.length)
        }),
      subject.singleConnection === true ? {} : { maxOverflow: 0 },
    )

    test("commits many units at once, each as a whole or not at all", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) => conn.execute(createAll([authors])))
        yield* engine.execute(insert(authors).values({ id: 1, name: "taken" }))
        const units = Array.from({ length: 60 }, (_, unit) => [
          insert(authors).values({ id: 10 + 2 * unit, name: `${unit} a` }),
          // Every third has a key that is there already.
          insert(authors).values({ id: unit % 3 === 0 ? 1 : 11 + 2 * unit, name: `${unit} b` }),
        ])
        const outcomes = yield* Effect.forEach(units, (unit) => Effect.either(engine.executeAll(unit)), {
          concurrency: "unbounded",
        })
        for (const [unit, outcome] of outcomes.entries()) {
          const ended = Either.match(outcome, { onLeft: ({ _tag }) => _tag, onRight: (all) => all.length })
          expect(ended).toBe(unit % 3 === 0 ? "IntegrityError" : 2)
        }
        const names = yield* engine.scalars(select(authors.c.name).orderBy(authors.c.id))
        const whole = units.flatMap((_, unit) => (unit % 3 === 0 ? [] : [`${unit} a`, `${unit} b`]))
        expect(names.all()).toEqual(["taken", ...whole])
      }))

    test("sends nothing of a list behind SQL that ends its transaction", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) => conn.execute(createAll([authors])))
        for (const ending of ["ROLLBACK", "COMMIT"]) {
          const list = [
            insert(authors).values({ name: "before" }),
            textClause(ending),
            insert(authors).values({ name: "behind" }),
          ]
          expect((yield* Effect.flip(engine.executeAll(list)))._tag).toBe("PendingRollbackError")
        }
        const names = yield* engine.scalars(select(authors.c.name))
        expect(names.all()).toEqual(["before"])
      }))

    test("runs statements of many fibers on one connection one after the other", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const answers = yield* Effect.forEach(
          fibers,
          (fiber) => conn.scalar(textClause("SELECT CAST(:n AS INTEGER)").bindparams({ n: fiber })),
          { concurrency: "unbounded" },
        )
        expect(answers).toEqual(fibers)
      }))

    test("what follows a call goes on with what its own caller has stored", ({ engine }) =>
      Effect.gen(function* () {
        const stored = new AsyncLocalStorage<number>()
        const one = textClause("SELECT 1 AS one")
        yield* engine.begin((conn) => conn.execute(createAll([authors])))
        const request = (caller: number) =>
          Effect.gen(function* () {
            const seen: Array<number | undefined> = []
            const look = Effect.sync(() => {
              seen.push(stored.getStore())
            })
            yield* Effect.zipRight(engine.execute(one), look)
            yield* engine.begin((conn) =>
              Effect.gen(function* () {
                yield* Effect.zipRight(conn.execute(insert(authors).values({ name: `${caller}` })), look)
                yield* Stream.runForEach(conn.stream(one), () => look)
                yield* conn.beginNested(() => look)
              }),
            )
            yield* look
            return seen
          })
        const callers = fibers.slice(0, 8)
        const all = yield* Effect.promise(() =>
          Promise.all(callers.map((caller) => stored.run(caller, () => Effect.runPromise(request(caller))))),
        )
        expect(all).toEqual(callers.map((caller) => [caller, caller, caller, caller, caller]))
      }))

    if (subject.singleConnection !== true) {
      test("reads while another connection writes", ({ engine }) =>
        Effect.gen(function* () {
          yield* engine.begin((conn) =>
            Effect.zipRight(
              conn.execute(createAll([authors])),
              conn.execute(insert(authors).values({ id: 1, name: "ann", born: 0 })),
            ),
          )
          const writer = yield* engine.connect
          yield* writer.execute(update(authors).set({ born: 1 }).where(eq(authors.c.id, 1)))
          const readers = Effect.forEach(fibers, () => engine.begin((conn) => conn.scalar(born)), {
            concurrency: "unbounded",
          })
          expect(new Set(yield* readers)).toEqual(new Set([0]))
          yield* writer.commit
          expect(new Set(yield* readers)).toEqual(new Set([1]))
        }))

      test(
        subject.driver.capabilities.concurrentWriters
          ? "lets several connections write at once"
          : "has writers wait for each other, and go on in their order",
        ({ engine }) =>
          Effect.gen(function* () {
            yield* engine.begin((conn) => conn.execute(createAll([authors])))
            const order: Array<string> = []
            const write = (name: string) =>
              engine.begin((conn) => Effect.tap(conn.execute(insert(authors).values({ name })), () => order.push(name)))
            const first = yield* engine.connect
            yield* first.execute(insert(authors).values({ name: "first" }))
            if (subject.driver.capabilities.concurrentWriters) {
              yield* write("second")
              yield* first.commit
            } else {
              const others = yield* Effect.fork(
                Effect.forEach(["a", "b", "c"], write, { concurrency: "unbounded", discard: true }),
              )
              // A reader gets its answer while they wait.
              yield* engine.begin((conn) => conn.execute(select(authors)))
              expect(order).toEqual([])
              yield* first.commit
              yield* others
              expect(order.toSorted()).toEqual(["a", "b", "c"])
            }
          }),
      )
    }
  })
}
