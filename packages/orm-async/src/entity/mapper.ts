import { ArgumentError, InvalidRequestError } from "../errors/index.ts"
import type { ClientValue } from "../expression/index.ts"
import type { AnyTable, ForeignKey } from "../schema/index.ts"
import { type IdentityKey, makeIdentityKey } from "./identity-key.ts"
import type { InstanceState } from "./instance-state.ts"
import { Reference, type ReferenceDeclaration, type ReferenceDeclarations } from "./reference.ts"

/** A column as the session sees it. */
export interface MappedColumn {
  readonly key: string
  readonly nullable: boolean
  readonly primaryKey: boolean
  /** The database, or an SQL expression, fills it in where an INSERT leaves it out. */
  readonly generated: boolean
  /** Filled in by the flush where an INSERT leaves it out. */
  readonly defaultValue: (() => unknown) | undefined
  /** Set by the flush in every UPDATE that does not set it. */
  readonly updateValue: (() => unknown) | undefined
  /** An SQL expression sets it in every UPDATE that does not. */
  readonly generatedOnUpdate: boolean
  /** It will be NULL where it was not set. */
  readonly nullWhenUnset: boolean
  /** The references whose foreign key it is part of. */
  readonly references: ReadonlyArray<Reference>
}

/** A class whose instances stand for rows; only what the session needs of it. */
export interface MappedClass {
  readonly name: string
  readonly prototype: object
  readonly [Symbol.hasInstance]: (value: unknown) => boolean
}

const evaluate = (value: ClientValue | undefined): (() => unknown) | undefined => {
  if (value === undefined || value.kind === "expression") return undefined
  return value.kind === "call" ? value.call : () => value.value
}

/**
 * The mapping of a class to its table: what the session must know of columns, keys and references, taken from the table
 * once.
 *
 * @see SQLAlchemy `sqlalchemy.orm.Mapper`
 */
export class Mapper {
  readonly entity: MappedClass
  readonly table: AnyTable
  readonly columns: ReadonlyArray<MappedColumn>
  readonly primaryKey: ReadonlyArray<MappedColumn>
  /** The keys of the primary key's columns. */
  readonly primaryKeys: ReadonlyArray<string>
  /** Makes an object with every column's key and no values. */
  readonly emptyValues: () => Record<string, unknown>
  readonly identityKey: (values: ReadonlyArray<unknown>) => IdentityKey
  readonly #declared: ReferenceDeclarations
  readonly #byKey: ReadonlyMap<string, MappedColumn>
  #references: ReadonlyArray<Reference> | undefined

  constructor(entity: MappedClass, table: AnyTable, declared: ReferenceDeclarations) {
    this.entity = entity
    this.table = table
    this.#declared = declared
    this.columns = table.columns.map((column) => this.#mapColumn(column.key))
    this.#byKey = new Map(this.columns.map((column) => [column.key, column]))
    this.primaryKey = table.primaryKey.columns.map((column) => this.column(column.key))
    this.primaryKeys = this.primaryKey.map(({ key }) => key)
    if (this.primaryKey.length === 0) {
      throw new ArgumentError({
        message: `${entity.name} cannot be mapped: table ${table.fullName} has no primary key, by which an object finds its row`,
      })
    }
    const template = Object.fromEntries(this.columns.map((column) => [column.key, undefined]))
    this.emptyValues = () => ({ ...template })
    this.identityKey = makeIdentityKey(table.primaryKey.columns.map((column) => column.type))
  }

  get name(): string {
    return this.entity.name
  }

  column(key: string): MappedColumn {
    return this.#byKey.get(key) as MappedColumn
  }

  hasColumn(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** The references; resolved when first asked for, because classes may refer to each other. */
  get references(): ReadonlyArray<Reference> {
    if (this.#references === undefined) {
      this.#references = Object.entries(this.#declared).map(([name, declared]) => this.#resolve(name, declared))
    }
    return this.#references
  }

  reference(name: string): Reference | undefined {
    return this.references.find((reference) => reference.name === name)
  }

  /** The key of a row or of an object's values; undefined while part of it is not known. */
  keyOf(values: Readonly<Record<string, unknown>>): IdentityKey | undefined {
    const [first, ...others] = this.primaryKey
    if (others.length === 0 && first !== undefined) {
      const value = values[first.key]
      return value === undefined || value === null ? undefined : this.identityKey([value])
    }
    const parts = this.primaryKey.map(({ key }) => values[key])
    return parts.some((part) => part === undefined || part === null) ? undefined : this.identityKey(parts)
  }

  /**
   * Checks that an object which stands for a row can be given to somebody who asks for one of this class.
   *
   * @throws {InvalidRequestError} if it is an object of another class: a row is one object, whatever class is mapped to it
   */
  requireInstance(state: InstanceState): InstanceState {
    if (state.mapper === this || state.entity instanceof this.entity) return state
    const { mapper, values } = state
    throw new InvalidRequestError({
      message:
        `${mapper.describe(values)} is in this session, and its row cannot be an object of ${this.name} as well: both classes are ` +
        `mapped to table ${this.table.fullName}, and a row is one object. Ask for ${mapper.name}, or take the object out with expunge() first`,
    })
  }

  /** The object's name in messages: its class and its key. */
  describe(values: Readonly<Record<string, unknown>>): string {
    const parts = this.primaryKey.map(({ key }) => `${key}: ${String(values[key] ?? "not set")}`)
    return `${this.name}(${parts.join(", ")})`
  }

  #mapColumn(key: string): MappedColumn {
    const { table } = this
    const spec = table.columns.find((column) => column.key === key)?.spec
    const nullable = spec?.nullable ?? false
    const generated =
      table.autoincrementColumn?.key === key ||
      spec?.serverDefault !== undefined ||
      spec?.default?.kind === "expression"
    const defaultValue = evaluate(spec?.default)
    const referencesOf = () => this.references.filter((one) => one.pairs.some(({ local }) => local === key))
    let references: ReadonlyArray<Reference> | undefined
    return {
      key,
      nullable,
      primaryKey: table.primaryKey.columns.some((column) => column.key === key),
      generated,
      defaultValue,
      updateValue: evaluate(spec?.onUpdate),
      generatedOnUpdate: spec?.onUpdate?.kind === "expression",
      nullWhenUnset: nullable && !generated && defaultValue === undefined,
      get references() {
        references ??= referencesOf()
        return references
      },
    }
  }

  #resolve(name: string, declared: ReferenceDeclaration): Reference {
    const target = declared.target()
    const where = `${this.name}.${name}`
    const candidates = this.table.foreignKeys.filter((key) => key.target === target.table)
    const wanted = declared.foreignKey
    const chosen = wanted === undefined ? candidates : candidates.filter((key) => isOver(key, wanted))
    const [only, ...others] = chosen
    if (only === undefined) throw new ArgumentError({ message: this.#noForeignKey(where, target, candidates, wanted) })
    if (others.length > 0) {
      throw new ArgumentError({
        message:
          `${where} is ambiguous: ${chosen.length} foreign keys of table ${this.table.fullName} refer to ${target.table.fullName}: ` +
          `${chosen.map(columnsText).join(", ")}. Choose one: manyToOne(() => ${target.name}, { foreignKey: ${columnsText(only)} })`,
      })
    }
    const pairs = only.columns.map((column, at) => ({
      local: column.key,
      remote: only.targets[at]?.key as string,
      column: this.column(column.key),
    }))
    return new Reference(this.name, name, target, pairs)
  }

  #noForeignKey(
    where: string,
    target: Mapper,
    candidates: ReadonlyArray<ForeignKey>,
    wanted: ReadonlyArray<string> | undefined,
  ): string {
    if (candidates.length > 0 && wanted !== undefined) {
      return (
        `${where}: the columns ${wanted.join(", ")} are no foreign key to ${target.table.fullName}. ` +
        `There are: ${candidates.map(columnsText).join(", ")}`
      )
    }
    return (
      `${where} refers to ${target.name}, but table ${this.table.fullName} has no foreign key to ${target.table.fullName}. ` +
      "Declare it with .references(() => ...) on the column, or with foreignKey(...) on the table"
    )
  }
}

const columnsText = (key: ForeignKey): string => {
  const names = key.columns.map((column) => `"${column.key}"`)
  return names.length === 1 ? (names[0] as string) : `[${names.join(", ")}]`
}

const isOver = (key: ForeignKey, wanted: ReadonlyArray<string>): boolean =>
  key.columns.length === wanted.length && key.columns.every((column) => wanted.includes(column.key))
