import * as Either from "effect/Either"
import { MultipleResultsFound, NoResultFound } from "../errors/index.ts"
import type { PlainStyle } from "../result/plain-style.ts"
import type {
  Fetch as StyledFetch,
  Result as StyledResult,
  RowResult as StyledRowResult,
  ScalarResult as StyledScalarResult,
} from "../result/result.ts"
import type { EitherStyle } from "./effect-style.ts"

/** A result in the Effect style: `one` and its like give an Either, which `yield*` and `Effect.flatMap` take. */
export type Result<Row, Value = Row[keyof Row]> = StyledResult<Row, EitherStyle, Value>

/** Single values in the Effect style. */
export type ScalarResult<Value> = StyledScalarResult<Value, EitherStyle>

/** Rows in the Effect style. */
export type RowResult<Row> = StyledRowResult<Row, EitherStyle>

/** Rows or values in the Effect style. */
export type Fetch<Item> = StyledFetch<Item, EitherStyle>

/** Gives back the error of a result that has several rows; throws any other on. */
const several = (error: unknown): Either.Either<never, MultipleResultsFound> => {
  if (error instanceof MultipleResultsFound) return Either.left(error)
  throw error
}

/** Gives back the error of a result that has no row, or several; throws any other on. */
const noneOrSeveral = (error: unknown): Either.Either<never, NoResultFound | MultipleResultsFound> =>
  error instanceof NoResultFound ? Either.left(error) : several(error)

/** A plain result in the Effect style: the same methods, except that those which may find the wrong number give an Either. */
class EffectFetch<Item, Plain extends StyledFetch<Item, PlainStyle>> implements StyledFetch<Item, EitherStyle> {
  /** The plain result, which consumes the same rows. */
  readonly plain: Plain

  constructor(plain: Plain) {
    this.plain = plain
  }

  get closed(): boolean {
    return this.plain.closed
  }

  close(): void {
    this.plain.close()
  }

  all(): Array<Item> {
    return this.plain.all()
  }

  fetchAll(): Array<Item> {
    return this.plain.all()
  }

  fetchMany(size?: number): Array<Item> {
    return this.plain.fetchMany(size)
  }

  partitions(size: number): Iterable<Array<Item>> {
    return this.plain.partitions(size)
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.plain[Symbol.iterator]()
  }

  first(): Item | null {
    return this.plain.first()
  }

  one(): Either.Either<Item, NoResultFound | MultipleResultsFound> {
    try {
      return Either.right(this.plain.one())
    } catch (error) {
      return noneOrSeveral(error)
    }
  }

  oneOrNone(): Either.Either<Item | null, MultipleResultsFound> {
    try {
      return Either.right(this.plain.oneOrNone())
    } catch (error) {
      return several(error)
    }
  }
}

/** {@link ScalarResult} in the Effect style. */
export class EffectScalarResult<Value>
  extends EffectFetch<Value, StyledScalarResult<Value, PlainStyle>>
  implements StyledScalarResult<Value, EitherStyle>
{
  unique(by?: (value: Value) => unknown): this {
    this.plain.unique(by)
    return this
  }
}

/** {@link RowResult} in the Effect style. */
export class EffectRowResult<Row, Plain extends StyledRowResult<Row, PlainStyle> = StyledRowResult<Row, PlainStyle>>
  extends EffectFetch<Row, Plain>
  implements StyledRowResult<Row, EitherStyle>
{
  get keys(): ReadonlyArray<string> {
    return this.plain.keys
  }

  fetchOne(): Row | null {
    return this.plain.fetchOne()
  }

  unique(by?: (row: Row) => unknown): this {
    this.plain.unique(by)
    return this
  }
}

/**
 * {@link Result} in the Effect style: one object around a plain result, from which it takes everything.
 *
 * ```
 * const result = new EffectResult(new BufferedResult({ keys: ["id"], returnsRows: true, rowCount: 1, rows: [{ id: 1 }] }))
 * const id = result.scalarOne() // Either.right(1)
 * ```
 */
export class EffectResult<Row, Value = Row[keyof Row]>
  extends EffectRowResult<Row, StyledResult<Row, PlainStyle, Value>>
  implements StyledResult<Row, EitherStyle, Value>
{
  get returnsRows(): boolean {
    return this.plain.returnsRows
  }

  get rowCount(): number {
    return this.plain.rowCount
  }

  scalar(): Value | null {
    return this.plain.scalar()
  }

  scalarOne(): Either.Either<Value, NoResultFound | MultipleResultsFound> {
    try {
      return Either.right(this.plain.scalarOne())
    } catch (error) {
      return noneOrSeveral(error)
    }
  }

  scalarOneOrNone(): Either.Either<Value | null, MultipleResultsFound> {
    try {
      return Either.right(this.plain.scalarOneOrNone())
    } catch (error) {
      return several(error)
    }
  }

  scalars(): StyledScalarResult<Value, EitherStyle>
  scalars<Key extends keyof Row & string>(key: Key): StyledScalarResult<Row[Key], EitherStyle>
  scalars(key?: keyof Row & string): StyledScalarResult<unknown, EitherStyle> {
    return new EffectScalarResult<unknown>(key === undefined ? this.plain.scalars() : this.plain.scalars(key))
  }

  mappings(): StyledRowResult<Readonly<Record<keyof Row & string, Row[keyof Row]>>, EitherStyle> {
    return new EffectRowResult(this.plain.mappings())
  }

  tuples(): StyledRowResult<ReadonlyArray<Row[keyof Row]>, EitherStyle> {
    return new EffectRowResult(this.plain.tuples())
  }

  freeze(): () => StyledResult<Row, EitherStyle, Value> {
    const frozen = this.plain.freeze()
    return () => new EffectResult(frozen())
  }
}
