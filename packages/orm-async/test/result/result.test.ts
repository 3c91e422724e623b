import fc from "fast-check"
import { describe, expect, expectTypeOf, it } from "vitest"
import { ArgumentError, ResourceClosedError, type Result } from "../../src/promise.ts"
import { BufferedResult } from "../../src/result/internal/buffered-result.ts"

interface User {
  readonly id: number
  readonly name: string
}

const ann: User = { id: 1, name: "ann" }
const bo: User = { id: 2, name: "bo" }
const cy: User = { id: 3, name: "cy" }

const resultOf = (...rows: ReadonlyArray<User>): Result<User> =>
  new BufferedResult<User>({ keys: ["id", "name"], returnsRows: true, rowCount: rows.length, rows: [...rows] })

/** The value that `find` gives, or the tag of the error that it throws. */
const valueOrTag = (find: () => unknown): unknown => {
  try {
    return find()
  } catch (error) {
    return (error as { readonly _tag: string })._tag
  }
}

describe("a result", () => {
  it("gives all rows once, then none", () => {
    const result = resultOf(ann, bo)
    expect([result.all(), result.all(), result.fetchOne(), result.fetchMany(2), [...result]]).toEqual([
      [ann, bo],
      [],
      null,
      [],
      [],
    ])
    expect(result.closed).toBe(false)
  })

  it("gives rows piece by piece, from where the last piece ended", () => {
    const result = resultOf(ann, bo, cy)
    expect([result.fetchOne(), result.fetchMany(1), result.fetchAll()]).toEqual([ann, [bo], [cy]])
  })

  it("gives any pieces in order, each row once", () => {
    const rows = fc.array(fc.record({ id: fc.integer(), name: fc.string() }), { maxLength: 20 })
    fc.assert(
      fc.property(rows, fc.array(fc.nat(5)), fc.integer({ min: 1, max: 7 }), (all, sizes, portion) => {
        const result = resultOf(...all)
        const got = sizes.flatMap((size) => result.fetchMany(size))
        for (const part of result.partitions(portion)) {
          expect(part.length).toBeLessThanOrEqual(portion)
          got.push(...part)
        }
        expect(got).toEqual(all)
      }),
    )
  })

  it("can be looped over, and left and taken up again", () => {
    const result = resultOf(ann, bo, cy)
    for (const row of result) if (row === bo) break
    expect(result.all()).toEqual([cy])
  })

  it("tells its keys and how many rows there were", () => {
    const result = resultOf(ann, bo)
    expect([result.keys, result.rowCount, result.returnsRows]).toEqual([["id", "name"], 2, true])
  })

  it("gives the first row and closes", () => {
    const result = resultOf(ann, bo)
    expect(result.first()).toBe(ann)
    expect(result.closed).toBe(true)
    expect(() => result.all()).toThrow(ResourceClosedError)
    expect(resultOf().first()).toBeNull()
  })

  it.each([
    [[], "NoResultFound", null, null, "NoResultFound", null],
    [[ann], ann, ann, 1, 1, 1],
    [[ann, bo], "MultipleResultsFound", "MultipleResultsFound", 1, "MultipleResultsFound", "MultipleResultsFound"],
  ])("of %j has the one row that it should have, or says that it has not", (rows, one, oneOrNone, ...scalars) => {
    expect(valueOrTag(() => resultOf(...rows).one())).toEqual(one)
    expect(valueOrTag(() => resultOf(...rows).oneOrNone())).toEqual(oneOrNone)
    expect([
      resultOf(...rows).scalar(),
      valueOrTag(() => resultOf(...rows).scalarOne()),
      valueOrTag(() => resultOf(...rows).scalarOneOrNone()),
    ]).toEqual(scalars)
  })

  it("gives a column, and refuses one that it has not", () => {
    expect(resultOf(ann, bo).scalars().all()).toEqual([1, 2])
    expect(resultOf(ann, bo).scalars("name").all()).toEqual(["ann", "bo"])
    expect(() => resultOf(ann).scalars("age" as "name")).toThrow(ArgumentError)
  })

  it("shares its position with its views", () => {
    const result = resultOf(ann, bo, cy)
    const names = result.scalars("name")
    expect([names.fetchMany(1), result.fetchOne(), names.all(), result.all()]).toEqual([["ann"], bo, ["cy"], []])
    names.close()
    expect(result.closed).toBe(true)
  })

  it("gives rows as mappings and tuples", () => {
    expect(resultOf(ann).mappings().all()).toEqual([{ id: 1, name: "ann" }])
    expect(resultOf(ann, bo).tuples().all()).toEqual([
      [1, "ann"],
      [2, "bo"],
    ])
  })

  it("gives a column that is NULL as null", () => {
    const result = new BufferedResult<{ n: number | null }>({
      keys: ["n"],
      returnsRows: true,
      rowCount: 1,
      rows: [{ n: null }],
    })
    expect(result.scalarOne()).toBeNull()
  })

  it("leaves out rows that it gave before", () => {
    expect(
      resultOf(ann, { ...ann }, bo, ann)
        .unique()
        .all(),
    ).toEqual([ann, bo])
    expect(
      resultOf(ann, bo, cy)
        .unique((row) => row.name.length)
        .all(),
    ).toEqual([ann, bo])
    const pieces = resultOf(ann, ann, bo).unique()
    expect([pieces.fetchMany(1), pieces.fetchMany(1), pieces.fetchMany(1)]).toEqual([[ann], [bo], []])
    expect(resultOf(ann, ann).unique().one()).toEqual(ann)
    const values = [
      new Date(5),
      new Date(5),
      new Uint8Array([1]),
      new Uint8Array([1]),
      "1",
      1,
      1n,
      null,
      { a: [1] },
      { a: [1] },
    ]
    const mixed = new BufferedResult<{ v: unknown }>({
      keys: ["v"],
      returnsRows: true,
      rowCount: -1,
      rows: values.map((v) => ({ v })),
    })
    expect(mixed.scalars().unique().all()).toEqual([new Date(5), new Uint8Array([1]), "1", 1, 1n, null, { a: [1] }])
  })

  it("can be frozen and read again and again", () => {
    const frozen = resultOf(ann, bo).freeze()
    expect([frozen().all(), frozen().all(), frozen().first()]).toEqual([[ann, bo], [ann, bo], ann])
  })

  it("says of a statement without rows that there are none to fetch", () => {
    const result = new BufferedResult<User>({ keys: [], returnsRows: false, rowCount: 3, rows: [] })
    expect(result.rowCount).toBe(3)
    expect(() => result.all()).toThrow("does not return rows")
    expect(() => result.first()).toThrow(ResourceClosedError)
  })

  it("refuses sizes that make no sense", () => {
    expect(() => resultOf(ann).fetchMany(-1)).toThrow(ArgumentError)
    expect(() => resultOf(ann).fetchMany(Number.NaN)).toThrow(ArgumentError)
    expect(() => [...resultOf(ann).partitions(0)]).toThrow(ArgumentError)
  })

  it("has types that follow its rows", () => {
    expectTypeOf(resultOf().all()).toEqualTypeOf<Array<User>>()
    expectTypeOf(resultOf().oneOrNone()).toEqualTypeOf<User | null>()
    expectTypeOf(resultOf().scalar()).toEqualTypeOf<number | string | null>()
    expectTypeOf(resultOf().scalars("name").all()).toEqualTypeOf<Array<string>>()
    // @ts-expect-error there is no such column
    expect(() => resultOf().scalars("age")).toThrow()
  })
})
