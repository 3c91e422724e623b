import { postgresqlDialect, sqliteDialect } from "../dialect/index.ts"

/** The dialects that functions in a worker can use, since their code does not cross. */
export const dialects = { postgresql: postgresqlDialect, sqlite: sqliteDialect } as const

/** Tells if functions in a worker can use a dialect. */
export const isKnownDialect = (name: string): name is keyof typeof dialects => Object.hasOwn(dialects, name)
