import { ArgumentError } from "../errors/index.ts"
import type { AnyTable } from "../schema/index.ts"
import { type MappedClass, Mapper } from "./mapper.ts"
import type { ReferenceDeclarations } from "./reference.ts"

/** The static property under which a mapped class keeps what it was declared with. */
export const declaration: unique symbol = Symbol("declaration")

/** The declaration of a class. */
export interface EntityDeclaration {
  readonly table: AnyTable
  readonly references: ReferenceDeclarations
}

const mappers = new WeakMap<object, Mapper>()

/**
 * The mapper of a class; made when first asked for, because only then does the class that extends `Entity(...)` exist.
 *
 * @throws {ArgumentError} if the class is not mapped
 */
export const mapperOf = (entity: unknown): Mapper => {
  if (typeof entity !== "function") {
    throw new ArgumentError({
      message: `A mapped class is required (class User extends Entity(users) {}); got ${String(entity)}`,
    })
  }
  const known = mappers.get(entity)
  if (known !== undefined) return known
  const declared = (entity as { readonly [declaration]?: EntityDeclaration })[declaration]
  if (declared === undefined) {
    throw new ArgumentError({
      message: `Class ${entity.name} is not mapped. Let it extend Entity(table): class ${entity.name} extends Entity(users) {}`,
    })
  }
  const mapper = new Mapper(entity as unknown as MappedClass, declared.table, declared.references)
  mappers.set(entity, mapper)
  return mapper
}
