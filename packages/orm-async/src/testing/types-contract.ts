import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { eq } from "../expression/index.ts"
import type { InsertOf } from "../schema/index.ts"
import { createAll, insert, select } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { everything } from "./sample-tables.ts"

type Values = Omit<InsertOf<typeof everything>, "id">

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255)

/** More than any buffer that a worker's answers could come in. */
const megabytes = 5 * 2 ** 20

const samples: ReadonlyArray<readonly [name: string, values: Values]> = [
  ["nothing but NULL", {}],
  ["integers at the edges of 32 bits", { int: -(2 ** 31), small: -32768, big: 0n }],
  ["integers at the other edges", { int: 2 ** 31 - 1, small: 32767, big: -1n }],
  ["the largest 64-bit integer", { big: 2n ** 63n - 1n, int: 1 }],
  ["the smallest 64-bit integer", { big: -(2n ** 63n), int: -1 }],
  ["a 64-bit integer that no number holds", { big: 9007199254740993n }],
  ["fractions", { single: 0.5, double: 0.1 + 0.2 }],
  ["the largest and the smallest double", { double: Number.MAX_VALUE, single: -1.5 }],
  ["a tiny double", { double: 1e-300 }],
  ["decimals", { price: "-12.50", precise: "12345678901234567890.0123456789" }],
  ["zero as a decimal", { price: "0.00", precise: "0.0000000001" }],
  ["the empty string", { words: "", short: "" }],
  ["text of all planes", { words: "naïve ☃ 漢字 👩‍👩‍👧 \u{10FFFF} \u0001 \r\n\t", short: "ß" }],
  ["quotes and backslashes", { words: `' " \\ \\n $1 ? :a {} %`, short: "''" }],
  ["text that looks like a number", { words: "0123", short: "1e3" }],
  ["long text", { words: "x☃".repeat(megabytes / 4) }],
  ["true", { flag: true }],
  ["false", { flag: false }],
  ["a moment with milliseconds", { moment: new Date("2024-02-29T23:59:59.999Z") }],
  ["a moment before 1970", { moment: new Date("1815-12-10T00:00:00.001Z") }],
  ["the first and the last day", { day: "0001-01-01", moment: new Date("9999-12-31T23:59:59.999Z") }],
  ["a day and an hour", { day: "2024-02-29", hour: "23:59:59.123456" }],
  ["no bytes", { bytes: new Uint8Array() }],
  ["all bytes", { bytes: bytes(256) }],
  ["megabytes", { bytes: bytes(megabytes) }],
  ["a UUID", { key: "123e4567-e89b-12d3-a456-426614174000" }],
  ["one of an enumeration", { state: "done" }],
  ["a JSON object", { document: { a: [1, 2.5, null, true, { b: "☃" }], c: {} } }],
  ["a JSON array", { document: [] }],
  ["a JSON number", { document: 12.5 }],
  ["a JSON integer", { document: 7 }],
  ["a JSON string", { document: "seven" }],
  ["a JSON string that looks like a number", { document: "7" }],
  ["a JSON string that looks like JSON", { document: '{"a":1}' }],
  ["JSON false", { document: false }],
]

const latin1 = new TextDecoder("latin1")

/** A row whose long bytes are text, because a matcher compares bytes one by one, which takes it seconds for megabytes. */
const comparable = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      value instanceof Uint8Array && value.length === megabytes ? { bytes: latin1.decode(value) } : value,
    ]),
  )

/** Every type of column gives back the value that it was given. */
export const typesContract = ({ test }: Contract): void => {
  describe("types", () => {
    for (const [name, values] of samples) {
      test(`gives back ${name}`, ({ engine }) =>
        engine.begin((conn) =>
          Effect.gen(function* () {
            yield* conn.execute(createAll([everything]))
            const absent = Object.fromEntries(Object.keys(everything.c).map((column) => [column, null]))
            const expected = [comparable({ ...absent, id: 1, ...values })]
            const returned = yield* conn.execute(
              insert(everything)
                .values({ id: 1, ...values })
                .returning(),
            )
            expect(returned.all().map(comparable)).toEqual(expected)
            const selected = yield* conn.execute(select(everything).where(eq(everything.c.id, 1)))
            expect(selected.all().map(comparable)).toEqual(expected)
          }),
        ))
    }

    test("compares by value with what is stored", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([everything]))
          const moment = new Date("2024-01-01T00:00:00.5Z")
          const values = {
            big: 2n ** 62n + 1n,
            double: 0.1,
            words: "☃",
            flag: true,
            moment,
            bytes: bytes(9),
            day: "2024-01-01",
          }
          yield* conn.execute(insert(everything).values({ id: 1, ...values }))
          const { c } = everything
          const conditions = [
            eq(c.big, values.big),
            eq(c.double, values.double),
            eq(c.words, values.words),
            eq(c.flag, true),
            eq(c.moment, moment),
            eq(c.bytes, values.bytes),
            eq(c.day, values.day),
          ]
          for (const condition of conditions) {
            expect(yield* conn.scalar(select(c.id).where(condition))).toBe(1)
          }
        }),
      ))

    test("tells of a number that it cannot hold exactly instead of changing it", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([everything]))
          yield* conn.execute(insert(everything).values({ id: 1, big: 9007199254740993n }))
          const result = yield* conn.execDriverSql("SELECT a_big FROM everything")
          expect(result.all()).toEqual([{ a_big: 9007199254740993n }])
        }),
      ))

    test("refuses a value of the wrong type before it is sent", ({ engine }) =>
      engine.begin((conn) =>
        Effect.gen(function* () {
          yield* conn.execute(createAll([everything]))
          const wrong = { id: 1, int: "seven" } as unknown as { id: number; int: number }
          const error = yield* failureOf(Effect.suspend(() => conn.execute(insert(everything).values(wrong))))
          expect(error.message).toContain("everything")
          expect(error.message).toContain("int")
          yield* conn.execute(insert(everything).values({ id: 1, int: 7 }))
        }),
      ))
  })
}
