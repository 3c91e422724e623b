import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { createAll, insert, select } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { authors } from "./sample-tables.ts"

/** Transactions within transactions. */
export const savepointContract = ({ test }: Contract): void => {
  describe("savepoint", () => {
    test("keeps what a block did that succeeded, and takes back what one did that failed", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const add = (name: string) => conn.execute(insert(authors).values({ name }))
          yield* conn.execute(createAll([authors]))
          yield* conn.beginNested(() => add("kept"))
          yield* Effect.ignore(conn.beginNested(() => Effect.zipRight(add("lost"), Effect.fail("no"))))
          yield* conn.beginNested(() =>
            Effect.gen(function* () {
              yield* add("outer")
              yield* Effect.ignore(conn.beginNested(() => Effect.zipRight(add("inner"), Effect.fail("no"))))
              yield* add("after")
            }),
          )
          const names = yield* conn.scalars(select(authors.c.name).orderBy(authors.c.id))
          expect(names.all()).toEqual(["kept", "outer", "after"])
        }),
      ))

    test("saves a transaction from a statement that fails", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          yield* conn.execute(insert(authors).values({ name: "ann" }))
          const error = yield* failureOf(conn.beginNested(() => conn.execute(insert(authors).values({ name: "ann" }))))
          expect(error._tag).toBe("IntegrityError")
          yield* conn.execute(insert(authors).values({ name: "bo" }))
          const names = yield* conn.scalars(select(authors.c.name).orderBy(authors.c.id))
          expect(names.all()).toEqual(["ann", "bo"])
        }),
      ))

    test("ends with its transaction, whatever it had kept", ({ engine }) =>
      Effect.gen(function* () {
        yield* engine.begin((conn) => conn.execute(createAll([authors])))
        yield* Effect.ignore(
          engine.begin((conn) =>
            Effect.zipRight(
              conn.beginNested(() => conn.execute(insert(authors).values({ name: "ann" }))),
              Effect.fail("no"),
            ),
          ),
        )
        const conn = yield* engine.connect
        expect((yield* conn.execute(select(authors))).all()).toEqual([])
      }))

    test("can be opened and ended by its handle", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const savepoint = yield* conn.beginNestedTransaction
          yield* conn.execute(insert(authors).values({ name: "lost" }))
          expect(conn.inNestedTransaction()).toBe(true)
          yield* savepoint.rollback
          expect(conn.inNestedTransaction()).toBe(false)
          expect((yield* conn.execute(select(authors))).all()).toEqual([])
        }),
      ))
  })
}
