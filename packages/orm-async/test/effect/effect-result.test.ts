import * as Either from "effect/Either"
import { describe, expect, expectTypeOf, it } from "vitest"
import { EffectResult } from "../../src/effect/effect-result.ts"
import { type MultipleResultsFound, type NoResultFound, ResourceClosedError, type Result } from "../../src/index.ts"
import { BufferedResult } from "../../src/result/internal/buffered-result.ts"

interface User {
  readonly id: number
  readonly name: string
}

const ann: User = { id: 1, name: "ann" }
const bo: User = { id: 2, name: "bo" }
const cy: User = { id: 3, name: "cy" }

const resultOf = (...rows: ReadonlyArray<User>): Result<User> =>
  new EffectResult(
    new BufferedResult<User>({ keys: ["id", "name"], returnsRows: true, rowCount: rows.length, rows: [...rows] }),
  )

const leftTag = (either: Either.Either<unknown, { readonly _tag: string }>) =>
  Either.match(either, { onLeft: (error) => error._tag, onRight: (value) => value })

describe("a result in the Effect style", () => {
  it.each([
    [[], "NoResultFound", null, "NoResultFound", null],
    [[ann], ann, ann, 1, 1],
    [[ann, bo], "MultipleResultsFound", "MultipleResultsFound", "MultipleResultsFound", "MultipleResultsFound"],
  ])("of %j gives an Either of the one row", (rows, ...expected) => {
    const one = () => resultOf(...rows)
    expect([
      leftTag(one().one()),
      leftTag(one().oneOrNone()),
      leftTag(one().scalarOne()),
      leftTag(one().scalarOneOrNone()),
    ]).toEqual(expected)
    expect(leftTag(one().scalars("id").one())).toEqual(expected[2])
    expect(leftTag(one().tuples().oneOrNone())).toEqual(rows.length === 1 ? [1, "ann"] : expected[1])
    expect(leftTag(one().mappings().one())).toEqual(expected[0])
  })

  it("throws what is no wrong number of rows", () => {
    const result = resultOf(ann)
    result.close()
    expect(() => result.one()).toThrow(ResourceClosedError)
    expect(() => result.scalarOneOrNone()).toThrow(ResourceClosedError)
    expect(result.closed).toBe(true)
  })

  it("consumes the rows of its plain result, through all views", () => {
    const result = resultOf(ann, bo, cy, ann)
    const names = result.scalars("name")
    expect([result.fetchOne(), names.fetchMany(1), [...result.partitions(1)], names.all()]).toEqual([
      ann,
      ["bo"],
      [[cy], [ann]],
      [],
    ])
    expect([result.keys, result.rowCount, result.returnsRows, result.closed]).toEqual([["id", "name"], 4, true, false])
  })

  it("is iterable, distinct and frozen as the plain one", () => {
    expect([...resultOf(ann, bo)]).toEqual([ann, bo])
    expect(
      resultOf(ann, { ...ann }, bo)
        .unique()
        .fetchAll(),
    ).toEqual([ann, bo])
    expect(
      resultOf(ann, bo, cy)
        .scalars("name")
        .unique((name) => name.length)
        .all(),
    ).toEqual(["ann", "bo"])
    expect(resultOf(ann, ann).tuples().unique().one()).toEqual(Either.right([1, "ann"]))
    expect([resultOf(ann, bo).first(), resultOf(ann, bo).scalar(), resultOf(ann).scalars().first()]).toEqual([
      ann,
      1,
      1,
    ])
    const frozen = resultOf(ann).freeze()
    expect([frozen().one(), frozen().one()]).toEqual([Either.right(ann), Either.right(ann)])
  })

  it("has types that follow its rows", () => {
    expectTypeOf(resultOf().one()).toEqualTypeOf<Either.Either<User, NoResultFound | MultipleResultsFound>>()
    expectTypeOf(resultOf().oneOrNone()).toEqualTypeOf<Either.Either<User | null, MultipleResultsFound>>()
    expectTypeOf(resultOf().scalars("name").one()).toEqualTypeOf<
      Either.Either<string, NoResultFound | MultipleResultsFound>
    >()
  })
})
