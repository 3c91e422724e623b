export type { CustomTypeDefinition } from "./custom-type.ts"
export { SqlType, type SqlTypeArguments, type SqlTypeKind } from "./sql-type.ts"
