import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type CellPlan,
  cellsOf,
  interpreted,
  type RowPart,
  type RowPlan,
  rowFactory,
} from "../../src/compiler/row-factory.ts"
import { compile, deleteFrom, integer, json, select, sqliteDialect, table } from "../../src/index.ts"
import { posts, users } from "../schema/sample.ts"
import { thrownBy } from "./sql.ts"

const isUnchanged = {
  integer: (value: unknown) => typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31,
  number: (value: unknown) => typeof value === "number",
  string: (value: unknown) => typeof value === "string",
}

/** A decoder of cells, and the cells that it leaves as they are. */
const decoding = fc.constantFrom<Pick<CellPlan, "decode" | "unchanged">>(
  { decode: undefined },
  { decode: (value) => `decoded ${String(value)}` },
  ...(["integer", "number", "string"] as const).map((unchanged) => ({
    decode: (value: unknown) => (isUnchanged[unchanged](value) ? value : `decoded ${String(value)}`),
    unchanged,
  })),
)

const name = fc.record({
  key: fc.oneof(
    fc.string(),
    fc.constantFrom("__proto__", "constructor", "toString", 'a"b', "a\nb", "\u2028", "`$" + "{x}`"),
  ),
  column: fc.constant(undefined),
})
const cell: fc.Arbitrary<CellPlan> = fc.tuple(name, decoding).map(([named, decoded]) => ({ ...named, ...decoded }))
const cells = fc.uniqueArray(cell, { minLength: 1, maxLength: 6, selector: ({ key }) => key })
const object: fc.Arbitrary<Extract<RowPart, { kind: "object" }>> = fc
  .tuple(fc.string(), cells, fc.boolean())
  .map(([key, cells, optional]) => ({ kind: "object", key, cells, presence: optional ? [0] : undefined }))
const part: fc.Arbitrary<RowPart> = fc.oneof(
  cell.map((cell) => ({ kind: "cell", cell }) as const),
  object,
)
const plan: fc.Arbitrary<RowPlan> = fc.oneof(
  cells.map((cells) => ({ form: "flat", cells }) as const),
  object.map((part) => ({ form: "whole", part }) as const),
  fc
    .uniqueArray(part, {
      minLength: 1,
      maxLength: 4,
      selector: (part) => (part.kind === "cell" ? part.cell.key : part.key),
    })
    .map((parts) => ({ form: "parts", parts }) as const),
)

describe("row factories", () => {
  test("generated code and the loop that replaces it make the same rows", () => {
    fc.assert(
      fc.property(
        plan,
        fc.nat(5),
        fc.infiniteStream(fc.constantFrom(null, 0, -0, 1.5, 2 ** 40, "x", "", 5n, true)),
        (plan, rows, stream) => {
          const count = rows * cellsOf(plan).length
          const values = Array.from({ length: count }, () => stream.next().value as unknown)
          expect(rowFactory(plan)(values)).toStrictEqual(interpreted(plan)(values))
        },
      ),
    )
  })

  test("a key named __proto__ is a property like any other", () => {
    const plan: RowPlan = { form: "flat", cells: [{ key: "__proto__", decode: undefined, column: undefined }] }
    for (const rows of [rowFactory(plan)(["x"]), interpreted(plan)(["x"])]) {
      expect(Object.keys(rows[0] as object)).toEqual(["__proto__"])
      expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype)
    }
  })
})

describe("rows of statements", () => {
  test("a table in the object form is a nested object, null where an outer join found none", () => {
    const { decodeRows, keys } = compile(select({ post: posts.c.title, user: users }).leftJoin(users), sqliteDialect)
    const columns = ["title", "id", "email", "name", "nick", "joined_at"]
    expect(keys).toEqual(["post", "user"])
    expect(
      decodeRows(columns, ["a", 1, "e", "n", null, "2026-01-02 03:04:05.678", "b", null, null, null, null, null]),
    ).toEqual([
      { post: "a", user: { id: 1, email: "e", name: "n", nick: null, joinedAt: new Date("2026-01-02T03:04:05.678Z") } },
      { post: "b", user: null },
    ])
  })

  test("a selected table that an outer join left without a row is null", () => {
    const { decodeRows } = compile(select(posts).from(users).leftJoin(posts), sqliteDialect)
    expect(decodeRows(["a", "b", "c", "d", "e", "f"], [null, null, null, null, null, null])).toEqual([null])
  })

  test("a cell that cannot be read is an error that names column and row", () => {
    const things = table("things", { id: integer().primaryKey(), data: json().nullable() })
    const { decodeRows } = compile(select(things), sqliteDialect)
    const error = thrownBy(() => decodeRows(["id", "data"], [1, "[]", 2, null, 3, "{"]))
    expect(error).toMatchObject({ _tag: "StatementError", column: "things.data", row: 2 })
    expect(thrownBy(() => decodeRows(["id", "data"], [2 ** 60, null])).message).toContain("bigint()")
  })

  test("another number of columns than selected is an error", () => {
    const { decodeRows } = compile(select(users.c.id), sqliteDialect)
    expect(thrownBy(() => decodeRows(["a", "b"], [1, 2]))._tag).toBe("InvalidRequestError")
  })

  test("rows of a statement that selects none are an error, not lost", () => {
    const { decodeRows, returnsRows } = compile(deleteFrom(users), sqliteDialect)
    expect(returnsRows).toBe(false)
    expect(decodeRows([], [])).toEqual([])
    expect(thrownBy(() => decodeRows(["a"], [1]))._tag).toBe("InvalidRequestError")
  })
})
