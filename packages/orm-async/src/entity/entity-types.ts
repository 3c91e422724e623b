import type { NameOfSelectable } from "../expression/index.ts"
import type { columnsType } from "../expression/selectable.ts"
import type { AnyTable, RowOf } from "../schema/index.ts"
import type { optionalKeys, primaryKeys } from "../schema/table.ts"
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

/** The key of what the compiler knows of an entity besides its properties. Does not exist when the program runs. */
export declare const entityType: unique symbol

/** An instance of any class made with `Entity(...)`. */
export interface AnyEntity {
  readonly [entityType]: { readonly table: string; readonly key: unknown; readonly property: string }
}

/** The names of an entity's columns and references, and not those of its class's own members. */
export type PropertyOf<E> = E extends { readonly [entityType]: { readonly property: infer Name } }
  ? Name & string
  : keyof E & string

/**
 * Tells the compiler of an entity's table, primary key and properties: classes of different tables are different types.
 * Accessors of a class, since the compiler knows that a copy by spread does not have them.
 */
declare class EntityTyping<out Name extends string, out Key, out Property extends string, out Row> {
  get [entityType](): { readonly table: Name; readonly key: Key; readonly property: Property }
  get [columnsType](): Row
}

/** The instances of a class over a table. */
export type EntityInstance<T extends AnyTable, R extends AnyReferences> = {
  [K in keyof RowOf<T> | keyof R | "toJSON"]: K extends "toJSON"
    ? () => Record<string, unknown>
    : K extends keyof R
      ? ReferenceValue<RowOf<T>, R, K>
      : K extends keyof RowOf<T>
        ? RowOf<T>[K]
        : never
} & EntityTyping<
  NameOfSelectable<T>,
  Pick<RowOf<T>, T[typeof primaryKeys] & keyof RowOf<T>>,
  (keyof RowOf<T> | keyof R) & string,
  RowOf<T>
>

/** A value that can be a primary key. */
export type KeyValue = string | number | bigint | boolean | Date | Uint8Array

type IsUnion<K, All = K> = [K] extends [never] ? false : K extends unknown ? ([All] extends [K] ? false : true) : never

/** A key of columns that only the running program knows, else its values by property, or its one value. */
type IdentityOf<Key> = [keyof Key] extends [never]
  ? KeyValue | Readonly<Record<string, KeyValue>>
  : { readonly [K in keyof Key]: Key[K] } | (IsUnion<keyof Key> extends true ? never : Key[keyof Key])

/** A primary key: its value, or its values by their properties' names where it is composite. */
export type Identity<E> = E extends { readonly [entityType]: { readonly key: infer Key } } ? IdentityOf<Key> : never

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
 * The values that the constructor takes: those of an INSERT, where an object may stand for the foreign key that refers to it.
 */
export type EntityInit<T extends AnyTable, R extends AnyReferences> = InitOf<RowOf<T>, R, T[typeof optionalKeys]>
