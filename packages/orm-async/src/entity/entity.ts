import { ArgumentError } from "../errors/index.ts"
import { nearest } from "../errors/nearest.ts"
import type { NameOfSelectable, Selectable } from "../expression/index.ts"
import { type SelectableTarget, selectable } from "../expression/index.ts"
import type { AnyTable } from "../schema/index.ts"
import { jsonOf } from "./entity-json.ts"
import type { EntityInit, EntityInstance } from "./entity-types.ts"
import { attachState, copiedValues, findState, stateOf, valuesProperty } from "./instance.ts"
import { getReference, getValue, InstanceState, setReference, setValue } from "./instance-state.ts"
import type { ManyToOne } from "./many-to-one.ts"
import type { Mapper } from "./mapper.ts"
import { declaration, type EntityDeclaration, mapperOf } from "./mapper-registry.ts"
import type { ReferenceDeclarations } from "./reference.ts"

/** References of a class by their names. */
export type References = Readonly<Record<string, ManyToOne<unknown, string>>>

/** The class that {@link Entity} gives to extend. */
export interface EntityBase<T extends AnyTable, R extends References> {
  new (values: EntityInit<T, R>): EntityInstance<T, R>
  /** The table. */
  readonly table: T
  /** The table's columns, for statements: `City.c.name`. */
  readonly c: T["c"]
  readonly [selectable]: Selectable<unknown, "orm", NameOfSelectable<T>>[typeof selectable]
}

const reserved = new Set(["constructor", "toJSON", "__proto__", valuesProperty])

const checkNames = (table: AnyTable, references: ReferenceDeclarations): void => {
  const columns = new Set(table.columns.map((column) => column.key))
  for (const name of [...columns, ...Object.keys(references)]) {
    if (reserved.has(name)) {
      throw new ArgumentError({
        message: `Entity(${table.fullName}): "${name}" cannot be a property of an entity. Rename it; a column keeps its name in the database with text("${name}")`,
      })
    }
  }
  for (const name of Object.keys(references)) {
    if (columns.has(name)) {
      throw new ArgumentError({
        message: `Entity(${table.fullName}): reference "${name}" has the name of a column. Rename one of them`,
      })
    }
  }
}

const initialise = (state: InstanceState, values: Readonly<Record<string, unknown>>): void => {
  const { mapper } = state
  const references: Array<string> = []
  for (const key in values) {
    const value = values[key]
    if (key === valuesProperty) copyColumns(state, values, value)
    else if (value === undefined) continue
    else if (mapper.hasColumn(key)) state.values[key] = value
    else references.push(key)
  }
  for (const key of references) {
    const reference = mapper.reference(key)
    if (reference === undefined) throw unknownProperty(mapper, key)
    setReference(state, reference, values[key] as object | null)
  }
}

/** The columns of `{ ...entity }`, but for those that are given beside it. */
const copyColumns = (state: InstanceState, given: Readonly<Record<string, unknown>>, copied: unknown): void => {
  const { mapper } = state
  for (const [key, value] of Object.entries(copied ?? {})) {
    if (value !== undefined && mapper.hasColumn(key) && !(key in given)) state.values[key] = value
  }
}

const unknownProperty = (mapper: Mapper, key: string): ArgumentError => {
  const names = [...mapper.columns.map((column) => column.key), ...mapper.references.map(({ name }) => name)]
  const meant = nearest(key, names)
  return new ArgumentError({
    message:
      `new ${mapper.name}(): there is no property "${key}". ` +
      (meant === undefined ? `There are: ${names.join(", ")}` : `Did you mean "${meant}"?`),
  })
}

/**
 * Makes a class to extend whose instances stand for rows of a table. Does no I/O.
 *
 * - A property for each column, of the column's type, and one for each reference. A property either has a value of its
 *   type, or reading it throws `InvalidRequestError` that says how to get one: a generated key before the flush, an
 *   attribute that has expired, a reference that is not loaded.
 * - A change is recorded when it is made; `session.flush` writes what changed. A JSON value that is changed in place is
 *   not seen: assign a new one.
 * - The properties are accessors of the prototype. Comparisons (`toEqual`, `isDeepStrictEqual`) look at the values of the
 *   columns all the same, and so do `console.log` and `JSON.stringify`, which gives bigints and bytes (base64) as strings.
 * - A copy by spread or `structuredClone` is no entity and has the values under `$values`: `inspect(user).values` gives
 *   them as a plain object, and `new User({ ...user, id: undefined })` makes another object with them.
 * - Loading a row calls no constructor and initialises no class fields, as in SQLAlchemy.
 *
 * @example
 * ```ts
 * import { Entity, integer, select, table, text } from "@offloop/orm-async"
 *
 * const users = table("users", { id: integer().primaryKey(), name: text() })
 * class User extends Entity(users) {
 *   greeting(): string {
 *     return `Hello, ${this.name}`
 *   }
 * }
 * const ann = new User({ name: "Ann" })
 * const byName = select(User).orderBy(User.c.name)
 * ```
 * @param table the table; it must have a primary key
 * @param references what objects refer to, by the names of the properties; see {@link manyToOne}
 * @throws {ArgumentError} if two properties have one name
 * @see SQLAlchemy `sqlalchemy.orm.DeclarativeBase`
 */
export const Entity = <T extends AnyTable, R extends References = Record<never, never>>(
  table: T,
  references?: R,
): EntityBase<T, R> => {
  const declared: ReferenceDeclarations = references ?? {}
  checkNames(table, declared)

  class Base {
    static readonly [declaration]: EntityDeclaration = { table, references: declared }
    static readonly table = table
    static readonly c = table.c

    static get [selectable](): SelectableTarget {
      // biome-ignore lint/complexity/noThisInStatic: the class that extends this one is the mapped one
      return { from: table, entity: mapperOf(this) }
    }

    constructor(values: Readonly<Record<string, unknown>> = {}) {
      const mapper = mapperOf(new.target)
      const state = new InstanceState(mapper, this, mapper.emptyValues())
      attachState(state)
      initialise(state, values)
    }

    toJSON(): Record<string, unknown> {
      return jsonOf(findState(this)?.values ?? copiedValues(this))
    }

    [Symbol.for("nodejs.util.inspect.custom")](
      _depth: number,
      options: object,
      inspect?: (value: unknown, options: object) => string,
    ): unknown {
      const state = findState(this)
      const name = state?.mapper.name ?? this.constructor.name
      const values = state?.values ?? copiedValues(this)
      const known = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
      return inspect === undefined ? known : `${name} ${inspect(known, options)}`
    }
  }

  for (const { key } of table.columns) {
    Object.defineProperty(Base.prototype, key, {
      get(this: object): unknown {
        const state = findState(this)
        if (state === undefined) return copiedValues(this)[key]
        const value = state.values[key]
        return value === undefined ? getValue(state, state.mapper.column(key)) : value
      },
      set(this: object, value: unknown) {
        const state = stateOf(this)
        setValue(state, state.mapper.column(key), value)
      },
      enumerable: true,
      configurable: true,
    })
  }
  for (const name of Object.keys(declared)) {
    const referenceOf = ({ mapper }: InstanceState) =>
      mapper.reference(name) as NonNullable<ReturnType<Mapper["reference"]>>
    Object.defineProperty(Base.prototype, name, {
      get(this: object): unknown {
        const state = findState(this)
        if (state === undefined) return undefined
        return state.references?.[name] ?? getReference(state, referenceOf(state))
      },
      set(this: object, value: object | null) {
        const state = stateOf(this)
        setReference(state, referenceOf(state), value)
      },
      enumerable: true,
      configurable: true,
    })
  }
  return Base as unknown as EntityBase<T, R>
}
