import type { NameOfSelectable } from "../expression/index.ts"
import type { AnyTable, RowOf } from "../schema/index.ts"
import type { optionalKeys } from "../schema/table.ts"
import type { foreignKeyType, ManyToOne, referencedType } from "./many-to-one.ts"

type AnyReferences = Readonly<Record<string, ManyToOne<unknown, string>>>

/** The foreign key's columns of a reference: those it names, else those whose names begin with the reference's name. */
export type ForeignKeyOf<Row, R extends AnyReferences, Name extends keyof R> = [
  R[Name][typeof foreignKeyType],
] extends [never]
  ? Extract<keyof Row, `${Name & string}${Capitalize<string>}`>
  : Extract<keyof Row, R[Name][typeof foreignKeyType]>

/** The type of a reference's property: null where a column of the foreign key may be NULL. */
export type ReferenceValue<Row, R extends AnyReferences, Name extends keyof R> =
  | R[Name][typeof referencedType]
  | (null extends Row[ForeignKeyOf<Row, R, Name>] ? null : never)

/** The table of an entity: classes of different tables are different types. Exists for the compiler only. */
export declare const entityTable: unique symbol

/** The instances of a class over a table. */
export type EntityInstance<T extends AnyTable, R extends AnyReferences> = {
  [K in keyof RowOf<T> | keyof R | "toJSON" | typeof entityTable]: K extends "toJSON"
    ? () => Record<string, unknown>
    : K extends typeof entityTable
      ? NameOfSelectable<T>
      : K extends keyof R
        ? ReferenceValue<RowOf<T>, R, K>
        : K extends keyof RowOf<T>
          ? RowOf<T>[K]
          : never
}

/** The columns that some reference's foreign key covers. */
type CoveredKeys<Row, R extends AnyReferences> = { [Name in keyof R]: ForeignKeyOf<Row, R, Name> }[keyof R]

/** The references whose foreign key covers a column. */
type CoveringNames<Row, R extends AnyReferences, Key> = {
  [Name in keyof R]: Key extends ForeignKeyOf<Row, R, Name> ? Name : never
}[keyof R]

type AllOf<U> = (U extends unknown ? (given: U) => void : never) extends (given: infer I) => void ? I : never

/** A column that an INSERT needs is given by itself, or by an object that refers to it. */
type Given<Row, R extends AnyReferences, Key extends keyof Row> =
  | { readonly [K in Key]: Row[K] }
  | {
      [Name in CoveringNames<Row, R, Key>]: { readonly [N in Name]: ReferenceValue<Row, R, N> }
    }[CoveringNames<Row, R, Key>]

type AllGiven<Row, R extends AnyReferences, Required extends keyof Row> =
  AllOf<{ [Key in Required]: { readonly given: Given<Row, R, Key> } }[Required]> extends { readonly given: infer G }
    ? G
    : unknown

type InitOf<Row, R extends AnyReferences, Optional extends PropertyKey> = {
  readonly [K in Exclude<keyof Row, Optional | CoveredKeys<Row, R>>]: Row[K]
} & { readonly [K in keyof Row & (Optional | CoveredKeys<Row, R>)]?: Row[K] | undefined } & {
  readonly [Name in keyof R]?: ReferenceValue<Row, R, Name> | undefined
} & AllGiven<Row, R, Exclude<CoveredKeys<Row, R> & keyof Row, Optional>>

/**
 * What the constructor takes: what an INSERT takes, where an object may stand for the foreign key that refers to it.
 */
export type EntityInit<T extends AnyTable, R extends AnyReferences> = InitOf<RowOf<T>, R, T[typeof optionalKeys]>
