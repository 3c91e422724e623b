import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import type { AnyColumn } from "../expression/index.ts"
import { integer, table, text } from "../schema/index.ts"
import { createAll, dropAll, insert, select } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { authors, books, everything } from "./sample-tables.ts"

/** Tables that refer to each other in a circle. */
const hens = table("hens", {
  id: integer().primaryKey(),
  eggId: integer("egg_id")
    .nullable()
    .references((): AnyColumn => eggs.c.id),
})
const eggs = table("eggs", { id: integer().primaryKey(), henId: integer("hen_id").references(() => hens.c.id) })

/** Making and dropping tables. */
export const ddlContract = ({ test }: Contract): void => {
  describe("DDL", () => {
    test("makes tables in the order of their references, and drops them in the other", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([books, everything, authors]))
          yield* conn.execute(insert(authors).values({ id: 1, name: "ann" }))
          yield* conn.execute(insert(books).values({ authorId: 1, title: "one" }))
          yield* conn.execute(dropAll([authors, books, everything]))
          yield* conn.execute(createAll([books, everything, authors]))
          expect((yield* conn.execute(select(books))).all()).toEqual([])
        }),
      ))

    test("leaves tables alone that are there, and passes over those that are not", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(dropAll([authors]))
          yield* conn.execute(createAll([authors]))
          yield* conn.execute(insert(authors).values({ id: 1, name: "ann" }))
          yield* conn.execute(createAll([authors]))
          expect((yield* conn.execute(select(authors))).all()).toHaveLength(1)
        }),
      ))

    test("says so when a table is there that must not be", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([authors]))
          const error = yield* failureOf(
            conn.beginNested(() => conn.execute(createAll([authors], { ifNotExists: false }))),
          )
          expect(error._tag).toBe("ProgrammingError")
          expect(error.message).toContain("authors")
        }),
      ))

    test("makes tables that refer to each other in a circle", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([hens, eggs]))
          yield* conn.execute(insert(hens).values({ id: 1 }))
          yield* conn.execute(insert(eggs).values({ id: 1, henId: 1 }))
          const error = yield* failureOf(conn.beginNested(() => conn.execute(insert(eggs).values({ id: 2, henId: 9 }))))
          expect(error._tag).toBe("IntegrityError")
        }),
      ))

    test("takes names that need quoting", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const odd = table('Order "by"', { select: integer("select").primaryKey(), where: text('Wh"ere ☃') })
          yield* conn.execute(createAll([odd]))
          yield* conn.execute(insert(odd).values({ select: 1, where: "x" }))
          expect((yield* conn.execute(select(odd))).all()).toEqual([{ select: 1, where: "x" }])
          yield* conn.execute(dropAll([odd]))
        }),
      ))
  })
}
