/** PostgreSQL for programs written with Effect: engines as layers. */
export * as PgEngine from "./pg-engine.ts"
