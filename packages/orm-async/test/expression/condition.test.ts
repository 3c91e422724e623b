import { describe, expect, it } from "vitest"
import {
  ArgumentError,
  and,
  type Condition,
  caseWhen,
  check,
  count,
  deleteFrom,
  eq,
  gt,
  index,
  insert,
  integer,
  not,
  or,
  select,
  table,
  text,
  update,
} from "../../src/index.ts"
import { thrownBy } from "../compiler/sql.ts"
import { posts, users } from "../schema/sample.ts"

// A boolean is no Condition for the compiler; programs without types, and those that cast, pass it all the same.
const compared = ((users.c.id as unknown) === 5) as unknown as Condition

describe("a boolean where a condition is expected", () => {
  it.each([
    ["where()", () => select(users).where(compared)],
    ["where()", () => update(users).set({ name: "x" }).where(compared)],
    ["where()", () => deleteFrom(users).where(eq(users.c.id, 1), compared)],
    ["having()", () => select(users.c.name).groupBy(users.c.name).having(compared)],
    ["join()", () => select(users.c.name).join(posts, compared)],
    ["join()", () => select(users.c.name).leftJoin(posts, compared)],
    ["and()", () => and(compared)],
    ["or()", () => or(eq(users.c.id, 1), compared)],
    ["not()", () => not(compared)],
    ["caseWhen()", () => caseWhen([[compared, 1]], 2)],
    ["The option filter", () => count(users.c.id, { filter: compared })],
    ["check()", () => check("c", compared)],
    ["check()", () => table("t", { n: integer().check(() => compared) })],
    ["The option where of index()", () => index(users.c.id, { where: compared })],
    ["The option targetWhere of onConflict", () => insert(users).onConflictDoNothing({ targetWhere: compared })],
    [
      "The option where of onConflict",
      () => insert(users).onConflictDoUpdate({ target: users.c.id, set: { name: "x" }, where: compared }),
    ],
  ])("of %s is an error that explains eq(a, b)", (method, make) => {
    const error = thrownBy(make)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toContain(`${method} takes a condition; got false`)
    expect(error.message).toContain("write eq(a, b) instead of a === b")
  })

  it("is told apart from other values", () => {
    const where = (value: unknown) => thrownBy(() => select(users).where(value as Condition)).message
    expect(where(undefined)).toBe("where() takes a condition; got undefined: leave it out where there is none")
    expect(where("id = 1")).toContain('got "id = 1": make one with eq()')
  })
})

describe("a comparison", () => {
  it("refuses a plain value on its left", () => {
    const error = thrownBy(() => gt(5 as never, users.c.id as never))
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toBe(
      "The left side of > must be a column or another expression; got 5. Swap the sides, or use literal()",
    )
  })

  it("takes any expression", () => {
    const t = table("t", { name: text() })
    expect(eq(t.c.name, "ann").node.kind).toBe("binary")
  })
})
