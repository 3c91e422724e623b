import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  bigint,
  blob,
  boolean,
  type ColumnBuilder,
  customType,
  type Dialect,
  date,
  doublePrecision,
  enumOf,
  integer,
  json,
  numeric,
  postgresqlDialect,
  real,
  smallint,
  sqliteDialect,
  text,
  time,
  timestamp,
  uuid,
  ValueProblem,
  varchar,
} from "../../src/index.ts"

const celsius = customType<{ readonly degrees: number }>({
  sqlType: { default: "INTEGER" },
  encode: ({ degrees }) => degrees,
  decode: (stored) => ({ degrees: Number(stored) }),
})

const wellFormed = fc.string({ unit: "binary" })
const withoutNul = wellFormed.map((value) => value.replaceAll("\0", ""))
const moment = fc.date({
  min: new Date(Date.UTC(1000, 0)),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
})
const twoDigits = (most: number) => fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, "0"))
const jsonValue = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => value !== null && !JSON.stringify(value).includes("\\u0000"))
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 99_999_999n }), fc.integer({ min: 0, max: 99 }))
  .map(
    ([negative, whole, cents]) =>
      `${negative && (whole > 0n || cents > 0) ? "-" : ""}${whole}.${String(cents).padStart(2, "0")}`,
  )
const longDecimal = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.integer({ min: 1, max: 9 }))
  .map(([whole, last]) => `${whole}.${last}`)

interface Case {
  readonly name: string
  readonly column: ColumnBuilder<unknown, boolean, boolean, boolean>
  readonly values: fc.Arbitrary<unknown>
}

const cases: ReadonlyArray<Case> = [
  { name: "integer", column: integer(), values: fc.integer() },
  { name: "smallint", column: smallint(), values: fc.integer({ min: -32768, max: 32767 }) },
  { name: "bigint", column: bigint(), values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { name: "real", column: real(), values: fc.float({ noNaN: true }) },
  { name: "doublePrecision", column: doublePrecision(), values: fc.double({ noNaN: true }) },
  { name: "numeric(10, 2)", column: numeric(10, 2), values: decimal },
  { name: "numeric", column: numeric(), values: longDecimal },
  { name: "text", column: text(), values: withoutNul },
  { name: "varchar", column: varchar(50), values: withoutNul },
  { name: "boolean", column: boolean(), values: fc.boolean() },
  { name: "timestamp", column: timestamp(), values: moment },
  { name: "date", column: date(), values: moment.map((value) => value.toISOString().slice(0, 10)) },
  {
    name: "time",
    column: time(),
    values: fc.tuple(twoDigits(23), twoDigits(59), twoDigits(59)).map((parts) => parts.join(":")),
  },
  { name: "json", column: json(), values: jsonValue },
  { name: "blob", column: blob(), values: fc.uint8Array() },
  { name: "uuid", column: uuid(), values: fc.uuid() },
  { name: "enumOf", column: enumOf(["a", "b"]), values: fc.constantFrom("a", "b") },
  { name: "customType", column: celsius(), values: fc.record({ degrees: fc.integer() }) },
]

const roundTrip = (dialect: Dialect, column: Case["column"], value: unknown): unknown => {
  const { encode, decode } = dialect.type(column.spec.type)
  const stored = encode(value)
  return decode === undefined ? stored : decode(stored)
}

/** JSON has no negative zero. */
const comparable = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array)
    ? JSON.stringify(value)
    : value === 0
      ? 0
      : value

describe.each([sqliteDialect, postgresqlDialect])("$name", (dialect) => {
  test.each(cases)("$name: what is encoded decodes to the same value", ({ column, values }) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(comparable(roundTrip(dialect, column, value))).toEqual(comparable(value))
      }),
    )
  })

  test.each(cases)("$name: a value that drivers cannot bind never passes", ({ column }) => {
    const { encode } = dialect.type(column.spec.type)
    for (const bad of [() => 1, Symbol("x"), undefined]) expect(() => encode(bad)).toThrow(ValueProblem)
  })

  test("moments are stored in an order that is theirs", () => {
    const { encode } = dialect.type(timestamp().spec.type)
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        expect(String(encode(a)) < String(encode(b))).toBe(a.getTime() < b.getTime())
      }),
    )
  })

  test("cells are read in whatever form a driver gives them", () => {
    const read = (column: Case["column"], cell: unknown): unknown => dialect.type(column.spec.type).decode?.(cell)
    expect(read(integer(), 5n)).toBe(5)
    expect(read(integer(), "5")).toBe(5)
    expect(read(bigint(), 5)).toBe(5n)
    expect(read(bigint(), "9223372036854775807")).toBe(9223372036854775807n)
    expect(read(doublePrecision(), "1.5")).toBe(1.5)
    expect(read(numeric(), "1.50")).toBe("1.50")
    expect(read(timestamp(), "2026-01-02 03:04:05.678")).toEqual(new Date("2026-01-02T03:04:05.678Z"))
    expect(read(timestamp(), "2026-01-02 03:04:05.123456+05:30")).toEqual(new Date("2026-01-01T21:34:05.123Z"))
    expect(read(timestamp(), "2026-01-02 03:04:05+00")).toEqual(new Date("2026-01-02T03:04:05Z"))
    expect(read(timestamp(), "2026-01-02")).toEqual(new Date("2026-01-02T00:00:00Z"))
    expect(read(timestamp(), new Date(5))).toEqual(new Date(5))
    expect(read(boolean(), 1)).toBe(true)
    expect(read(json(), '{"a":[1]}')).toEqual({ a: [1] })
    expect(read(json(), { a: 1 })).toEqual({ a: 1 })
    expect(read(blob(), "\\x00ff")).toEqual(new Uint8Array([0, 255]))
  })

  test("text in the form of a moment is read as the engine's own Date reads it, or refused", () => {
    const { decode } = dialect.type(timestamp().spec.type)
    const upTo = (max: number, length: number) => fc.nat(max).map((part) => String(part).padStart(length, "0"))
    const parts = fc.tuple(upTo(9999, 4), upTo(13, 2), upTo(32, 2), upTo(25, 2), upTo(61, 2), upTo(61, 2), upTo(999, 3))
    fc.assert(
      fc.property(parts, fc.option(fc.nat(22), { nil: undefined }), ([y, mo, d, h, mi, s, ms], broken) => {
        const plain = `${y}-${mo}-${d} ${h}:${mi}:${s}.${ms}`
        const cell = broken === undefined ? plain : `${plain.slice(0, broken)}x${plain.slice(broken + 1)}`
        const wanted = new Date(`${cell.replace(" ", "T")}Z`)
        if (Number.isNaN(wanted.getTime()) || broken !== undefined) expect(() => decode?.(cell)).toThrow(ValueProblem)
        else expect(decode?.(cell)).toEqual(wanted)
      }),
      { numRuns: 2000 },
    )
  })

  test.each(["integer", "number", "string"] as const)(
    "cells that are said to be left unchanged are: %s",
    (unchanged) => {
      const cells = {
        integer: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        number: fc.double(),
        string: fc.oneof(fc.string(), fc.constantFrom("2026-01-02", "1.50")),
      }[unchanged]
      const types = cases
        .map(({ column }) => dialect.type(column.spec.type))
        .filter((type) => type.unchanged === unchanged)
      for (const { decode } of types) fc.assert(fc.property(cells, (cell) => Object.is(decode?.(cell), cell)))
      expect(types.length).toBeGreaterThan(0)
    },
  )

  test.each([
    ["an integer beyond what a number holds", integer(), 9007199254740993n],
    ["one that the driver has rounded already", integer(), 2 ** 53],
    ["text where a moment is expected", timestamp(), "yesterday"],
    ["infinity where a moment is expected", timestamp(), "infinity"],
    ["text where JSON is expected", json(), "{"],
    ["2 where a boolean is expected", boolean(), 2],
  ])("%s is an error, not another value", (_, column, cell) => {
    expect(() => dialect.type(column.spec.type).decode?.(cell)).toThrow(ValueProblem)
  })

  test.each([
    ["half of a surrogate pair", text(), "\ud800"],
    ["a day that does not exist", date(), "2026-02-30"],
    ["a time that does not exist", time(), "24:00:00"],
    ["no UUID", uuid(), "123"],
    ["another value than those listed", enumOf(["a"]), "b"],
    ["a decimal with more digits than are stored", numeric(4, 2), "100.00"],
    ["an exponent", numeric(), "1e5"],
    [
      "a circular structure",
      json(),
      Object.assign([] as Array<unknown>, {
        toJSON: () => {
          throw new Error("circular")
        },
      }),
    ],
    ["an integer of 65 bits", bigint(), 2n ** 63n],
  ])("%s is not sent", (_, column, value) => {
    expect(() => dialect.type(column.spec.type).encode(value)).toThrow(ValueProblem)
  })
})

test("SQLite would store NaN as NULL, and PostgreSQL stores no U+0000: neither is sent", () => {
  expect(() => sqliteDialect.type(doublePrecision().spec.type).encode(Number.NaN)).toThrow(ValueProblem)
  expect(() => postgresqlDialect.type(text().spec.type).encode("a\0b")).toThrow(ValueProblem)
  expect(() => postgresqlDialect.type(json().spec.type).encode(["a\0b"])).toThrow(ValueProblem)
})
