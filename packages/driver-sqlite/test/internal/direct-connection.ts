import type { DriverResult } from "@offloop/orm-async/driver"
import type { NativeDatabase } from "../../src/internal/better-sqlite3.ts"
import { openDatabase } from "../../src/internal/open-database.ts"
import type { PreparedStatement } from "../../src/internal/prepared-statement.ts"
import type { SqliteConfig } from "../../src/internal/sqlite-config.ts"
import { SqliteConnection } from "../../src/internal/sqlite-connection.ts"
import { StatementCache } from "../../src/internal/statement-cache.ts"

type Values = ReadonlyArray<unknown>

/** A {@link SqliteConnection} of this thread with its statements by their SQL, as both placements have it. */
export class DirectConnection {
  readonly connection: SqliteConnection
  readonly database: NativeDatabase
  readonly #statements: StatementCache<PreparedStatement>

  constructor(path: string, options: Partial<SqliteConfig> = {}) {
    const config: SqliteConfig = {
      path,
      readonly: false,
      create: true,
      busyTimeout: 0,
      statementCacheSize: 16,
      pragmas: [],
      ...options,
    }
    this.database = openDatabase(config)
    this.connection = new SqliteConnection(this.database, config, { epoch: 0 })
    this.#statements = new StatementCache(config.statementCacheSize)
  }

  /** Runs SQL of the ORM. */
  run(sql: string, parameters: Values = [], prelude: ReadonlyArray<string> = [], bigints = false): DriverResult {
    const options = { bigints, isOpaque: false }
    return this.connection.execute(this.statement(sql, false), parameters, prelude, options)
  }

  /** Runs SQL of the program's own. */
  runText(sql: string, parameters: Values = []): DriverResult {
    const options = { bigints: false, isOpaque: true }
    return this.connection.execute(this.statement(sql, true), parameters, [], options)
  }

  runMany(sql: string, parameterSets: ReadonlyArray<Values>, prelude: ReadonlyArray<string> = []): DriverResult {
    const options = { bigints: false, isOpaque: false }
    return this.connection.executeMany(this.statement(sql, false), parameterSets, prelude, options)
  }

  openCursor(sql: string, prelude: ReadonlyArray<string> = [], bigints = false) {
    return this.connection.openCursor(this.statement(sql, false), [], prelude, { bigints, isOpaque: false })
  }

  close(): void {
    this.connection.close()
  }

  statement(sql: string, isOpaque: boolean): PreparedStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.connection.prepare(sql, isOpaque)
    this.#statements.add(sql, statement)
    return statement
  }
}
