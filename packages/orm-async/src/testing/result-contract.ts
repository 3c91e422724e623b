import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { createAll, insert, select, textClause } from "../statement/index.ts"
import type { Contract } from "./contract.ts"
import { everything } from "./sample-tables.ts"

const rowCount = 10_000

/** Results large and small. */
export const resultContract = ({ test }: Contract): void => {
  describe("result", () => {
    test("holds ten thousand rows, in order", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([everything]))
          const values = Array.from({ length: rowCount }, (_, index) => ({
            id: index + 1,
            words: index % 3 === 0 ? `row ${index} ☃` : `row ${index}`,
            double: index / 7,
            big: 2n ** 60n + BigInt(index),
            flag: index % 2 === 0,
          }))
          const inserted = yield* conn.execute(insert(everything).values(values))
          expect(inserted.rowCount).toBe(rowCount)
          const { c } = everything
          const statement = select({ id: c.id, words: c.words, double: c.double, big: c.big, flag: c.flag })
          const result = yield* conn.execute(statement.from(everything).orderBy(c.id))
          expect(result.rowCount).toBe(rowCount)
          expect(result.all()).toEqual(values)
        }),
      ))

    test("can be one value far larger than the way that it comes", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        const length = 9_000_000
        const words = "x".repeat(length - 1)
        const value = yield* conn.scalar(textClause("SELECT CAST(:words AS TEXT)").bindparams({ words: `${words}☃` }))
        expect(value).toBe(`${words}☃`)
      }))

    test("knows that a statement returns no rows", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          const result = yield* conn.execute(createAll([everything]))
          expect(result.returnsRows).toBe(false)
          expect(() => result.all()).toThrow("does not return rows")
        }),
      ))

    test("outlives its connection", ({ engine }) =>
      Effect.gen(function* () {
        const result = yield* engine.begin((conn) => conn.execDriverSql("SELECT 1 AS a UNION ALL SELECT 2"))
        expect(result.all()).toEqual([{ a: 1 }, { a: 2 }])
      }))
  })
}
