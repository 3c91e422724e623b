import { ArgumentError } from "../errors/index.ts"
import { stateOf } from "./instance.ts"
import type { InstanceState } from "./instance-state.ts"
import type { MappedColumn, Mapper } from "./mapper.ts"

/** A column of a foreign key and the column it refers to, by their keys. */
export interface ForeignKeyPair {
  readonly local: string
  readonly remote: string
  readonly column: MappedColumn
}

/** A many-to-one reference, resolved. */
export class Reference {
  readonly name: string
  readonly target: Mapper
  readonly pairs: ReadonlyArray<ForeignKeyPair>
  readonly nullablePairs: ReadonlyArray<ForeignKeyPair>
  /** The foreign key refers to the target's primary key, so that the identity map can answer. */
  readonly targetsPrimaryKey: boolean
  readonly #owner: string
  readonly #order: ReadonlyArray<number>

  constructor(owner: string, name: string, target: Mapper, pairs: ReadonlyArray<ForeignKeyPair>) {
    this.#owner = owner
    this.name = name
    this.target = target
    this.pairs = pairs
    this.nullablePairs = pairs.filter(({ column }) => column.nullable)
    this.#order = target.primaryKey.map(({ key }) => pairs.findIndex(({ remote }) => remote === key))
    this.targetsPrimaryKey = pairs.length === this.#order.length && !this.#order.includes(-1)
  }

  /** Values in the order of the foreign key, put in the order of the target's primary key. */
  inKeyOrder(values: ReadonlyArray<unknown>): ReadonlyArray<unknown> {
    return this.#order.map((at) => values[at])
  }

  /** There need not be an object. */
  get nullable(): boolean {
    return this.nullablePairs.length > 0
  }

  /** The state of an object that a program gave for this reference. */
  stateOfTarget(value: unknown): InstanceState {
    if (typeof value === "object" && value !== null && value instanceof this.target.entity) return stateOf(value)
    const given =
      typeof value === "object" && value !== null ? `a ${value.constructor?.name ?? "plain"} object` : String(value)
    throw new ArgumentError({
      message: `${this.#owner}.${this.name} takes an instance of ${this.target.name}; got ${given}`,
    })
  }
}

/** A reference as it was declared. */
export interface ReferenceDeclaration {
  /** The mapper of the class that it refers to. */
  readonly target: () => Mapper
  /** The columns of its foreign key, where several foreign keys lead to the target. */
  readonly foreignKey: ReadonlyArray<string> | undefined
}

/** The references of a class as they were declared, by their names. */
export type ReferenceDeclarations = Readonly<Record<string, ReferenceDeclaration>>
