/** SQLite for programs with Effect: `@offloop/driver-sqlite/effect`. */
export * as SqliteEngine from "./sqlite-engine.ts"
