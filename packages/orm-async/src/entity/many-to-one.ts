import { ArgumentError } from "../errors/index.ts"
import type { Selectable, selectable } from "../expression/index.ts"
import type { AnyTable } from "../schema/index.ts"
import type { Mapper } from "./mapper.ts"
import { mapperOf } from "./mapper-registry.ts"
import type { ReferenceDeclaration } from "./reference.ts"

/** The entity type of a reference; exists for the compiler only. */
export declare const referencedType: unique symbol

/** The columns of a reference's foreign key; exists for the compiler only. */
export declare const foreignKeyType: unique symbol

/** Any class made with `Entity(...)`; the return type to annotate where two classes refer to each other. */
export interface AnyEntityClass {
  readonly table: AnyTable
  readonly [selectable]: Selectable<unknown, "orm">[typeof selectable]
}

/** A class made with `Entity(...)` whose instances are of type `E`. */
export interface EntityClass<out E extends object> extends AnyEntityClass {
  readonly prototype: E
}

/** Options of {@link manyToOne}. */
export interface ManyToOneOptions<Keys extends string> {
  /**
   * The foreign key's columns by their keys, where more than one foreign key leads to the target, or where their names
   * do not begin with the reference's name and the constructor's type must know them.
   */
  readonly foreignKey: Keys | ReadonlyArray<Keys>
}

/** The declaration of a many-to-one reference; made by {@link manyToOne}. */
export class ManyToOne<out E, out Keys extends string = never> implements ReferenceDeclaration {
  declare readonly [referencedType]: E
  declare readonly [foreignKeyType]: Keys
  readonly foreignKey: ReadonlyArray<string> | undefined
  readonly #target: () => unknown

  constructor(target: () => unknown, foreignKey: ReadonlyArray<string> | undefined) {
    this.#target = target
    this.foreignKey = foreignKey
  }

  /** @internal */
  readonly target = (): Mapper => mapperOf(this.#target())
}

/**
 * Declares that each object refers to at most one object of another class, through a foreign key of its table.
 *
 * The foreign key is found among those of the table; it is nullable or not as its columns are. Assigning an object to
 * the property sets the foreign key (on flush, where the object has no key yet) and takes the object into the session.
 * Reading the property of an object that was not loaded with it finds what the session already holds, and throws
 * `InvalidRequestError` otherwise: `session.refresh(object, ["name"])` loads it.
 *
 * Where TypeScript sees a circle, as in a class that refers to itself, name the type and annotate the function:
 * `manyToOne<Employee>((): AnyEntityClass => Employee)`.
 *
 * @example
 * ```ts
 * import { Entity, integer, manyToOne, table, text } from "@offloop/orm-async"
 *
 * const countries = table("countries", { id: integer().primaryKey(), name: text() })
 * const cities = table("cities", {
 *   id: integer().primaryKey(),
 *   name: text(),
 *   countryId: integer().references(() => countries.c.id),
 * })
 * class Country extends Entity(countries) {}
 * class City extends Entity(cities, { country: manyToOne(() => Country) }) {}
 *
 * const city = new City({ name: "Oslo", country: new Country({ name: "Norway" }) })
 * ```
 * @param target gives the class that is referred to; called when the mapping is first used
 * @throws {ArgumentError} when the mapping is first used, if no foreign key, or more than one, leads to the target
 * @see SQLAlchemy `sqlalchemy.orm.relationship`, direction MANYTOONE
 */
export function manyToOne<E extends object>(target: () => EntityClass<E>): ManyToOne<E>
export function manyToOne<E extends object, const Keys extends string>(
  target: () => EntityClass<E>,
  options: ManyToOneOptions<Keys>,
): ManyToOne<E, Keys>
export function manyToOne<E>(target: () => AnyEntityClass): ManyToOne<E>
export function manyToOne<E, const Keys extends string>(
  target: () => AnyEntityClass,
  options: ManyToOneOptions<Keys>,
): ManyToOne<E, Keys>
export function manyToOne(target: () => unknown, options?: ManyToOneOptions<string>): ManyToOne<unknown, string> {
  if (typeof target !== "function") {
    throw new ArgumentError({ message: "manyToOne() takes a function that gives the class: manyToOne(() => Country)" })
  }
  const foreignKey = options?.foreignKey
  return new ManyToOne(target, typeof foreignKey === "string" ? [foreignKey] : foreignKey)
}
