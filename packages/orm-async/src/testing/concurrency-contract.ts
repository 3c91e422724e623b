import * as Effect from "effect/Effect"
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
