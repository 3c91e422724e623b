import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { SqliteConfig } from "../../src/internal/sqlite-config.ts"
import { classifyFailure, type SqliteFailure } from "../../src/internal/sqlite-failure.ts"
import { temporaryFolder } from "../temporary-folder.ts"
import { DirectConnection } from "./direct-connection.ts"

const folder = temporaryFolder()
const open = (path: string, options: Partial<SqliteConfig> = {}): DirectConnection =>
  new DirectConnection(path, { pragmas: [["foreign_keys", "ON"]], ...options })

const failureOf = (path: string, body: () => unknown): SqliteFailure => {
  try {
    body()
  } catch (error) {
    return classifyFailure(error, { path })
  }
  throw new Error("nothing failed")
}

const failedOpen = (path: string, options?: Partial<SqliteConfig>): SqliteFailure =>
  failureOf(path, () => open(path, options))

const run = (connection: DirectConnection, sql: string, parameters: ReadonlyArray<unknown> = []) =>
  connection.run(sql, parameters)

describe("a database that cannot be opened", () => {
  it("says that its directory does not exist", () => {
    const failure = failedOpen(join(folder, "no", "where.db"))
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(failure.message).toContain("does not exist; create it")
    expect(failure.message).toContain(join(folder, "no", "where.db"))
  })

  it("says that its path is a directory", () => {
    const failure = failedOpen(folder)
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(failure.message).toContain(`cannot open ${folder}`)
  })

  it("says that it may not be written", () => {
    // Folders in which nobody may make a file, not even root.
    const folders: Partial<Record<NodeJS.Platform, string>> = { linux: "/proc", darwin: "/dev", win32: "\\\\.\\NUL" }
    const path = `${folders[process.platform] ?? "/dev"}/offloop.db`
    const failure = failedOpen(path)
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(failure.message).toContain(path)
  })

  it("says that its directory is a file", () => {
    const file = join(folder, "file")
    writeFileSync(file, "")
    expect(failedOpen(join(file, "app.db"))).toMatchObject({ kind: "OperationalError" })
  })

  it.each([{ create: false }, { readonly: true, create: false }])("says that it is not there: %j", (options) => {
    const failure = failedOpen(join(folder, "absent.db"), options)
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_CANTOPEN" })
    expect(failure.message).toContain("absent.db")
  })

  it("says that its file is no database", () => {
    const path = join(folder, "letter.db")
    writeFileSync(path, "Dear Sir or Madam, this is not a database but a letter. ".repeat(100))
    const failure = failedOpen(path)
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_NOTADB", isRetryable: false })
    expect(failure.message).toContain(`${path} is not a SQLite database`)
  })

  it("says that it cannot have the journal that was asked for", () => {
    const failure = failedOpen(":memory:", { pragmas: [["journal_mode", "WAL"]] })
    expect(failure.kind).toBe("OperationalError")
    expect(failure.message).toContain("?journal_mode=")
  })
})

describe("a damaged database", () => {
  it("is called damaged when the damage is read", () => {
    const path = join(folder, "damaged.db")
    const whole = open(path)
    run(whole, "CREATE TABLE t (a TEXT)")
    whole.runMany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 500 }, () => ["x".repeat(500)]),
    )
    whole.close()
    const bytes = readFileSync(path)
    bytes.fill(0xff, 4096)
    writeFileSync(path, bytes)
    const failure = failureOf(path, () => {
      const damaged = open(path)
      try {
        run(damaged, "SELECT count(a) FROM t")
      } finally {
        damaged.close()
      }
    })
    expect(failure).toMatchObject({ kind: "OperationalError", code: expect.stringContaining("SQLITE_CORRUPT") })
    expect(failure.message).toContain("is damaged; restore it from a backup")
  })
})

describe("a statement that fails", () => {
  const database = (): DirectConnection => {
    const connection = open(":memory:")
    run(
      connection,
      "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, UNIQUE (a, b), CONSTRAINT long CHECK (length(b) > 1))",
    )
    run(connection, "CREATE TABLE c (id INTEGER PRIMARY KEY REFERENCES p (id))")
    run(connection, "CREATE UNIQUE INDEX lower_a ON p (lower(a))")
    run(connection, "INSERT INTO p VALUES (1, 'x', 'xx')")
    return connection
  }

  it.each([
    ["INSERT INTO p VALUES (1, 'y', 'yy')", "SQLITE_CONSTRAINT_PRIMARYKEY", "p.id"],
    ["INSERT INTO p VALUES (2, 'x', 'xx')", "SQLITE_CONSTRAINT_UNIQUE", "lower_a"],
    ["INSERT INTO p VALUES (2, NULL, 'yy')", "SQLITE_CONSTRAINT_NOTNULL", "p.a"],
    ["INSERT INTO p VALUES (2, 'y', 'y')", "SQLITE_CONSTRAINT_CHECK", "long"],
    ["INSERT INTO c VALUES (9)", "SQLITE_CONSTRAINT_FOREIGNKEY", undefined],
  ])("violates a constraint, which is named where SQLite tells it: %s", (sql, code, constraint) => {
    const failure = failureOf(":memory:", () => run(database(), sql))
    expect(failure).toMatchObject({ kind: "IntegrityError", code, constraint, isRetryable: false })
  })

  it("names the columns of a violated UNIQUE constraint", () => {
    const connection = database()
    run(connection, "DROP INDEX lower_a")
    const failure = failureOf(":memory:", () => run(connection, "INSERT INTO p VALUES (2, 'x', 'xx')"))
    expect(failure).toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE", constraint: "p.a, p.b" })
  })

  it.each([
    ["SELEC 1", [], "ProgrammingError", "syntax error"],
    ["SELECT * FROM nope", [], "ProgrammingError", "no such table"],
    ["SELECT 1; SELECT 2", [], "ProgrammingError", "more than one statement"],
    ["-- nothing", [], "ProgrammingError", "contains no statements"],
    [
      "SELECT ?",
      [],
      "ProgrammingError",
      "Too few parameter values were provided: each ? takes one, and textClause() has :name",
    ],
    ["SELECT ?", [1, 2], "ProgrammingError", "Too many parameter values"],
    ["SELECT ?", [undefined], "InterfaceError", "Parameter 1 is of type undefined"],
    ["SELECT ?, ?", [1, new Date(0)], "InterfaceError", "Parameter 2 is of type Date"],
    ["SELECT ?", [Number.NaN], "DataError", "Parameter 1 is NaN"],
    ["SELECT ?", [2n ** 64n], "DataError", "Parameter 1 is 18446744073709551616"],
    ["INSERT INTO p VALUES ('x', 'y', 'yy')", [], "DataError", "datatype mismatch"],
    ["SELECT zeroblob(2000000000)", [], "DataError", "too big"],
  ])("is the caller's fault and says so: %s %o", (sql, parameters, kind, words) => {
    const failure = failureOf(":memory:", () => run(database(), sql, parameters))
    expect(failure).toMatchObject({ kind, constraint: undefined, isRetryable: false })
    expect(failure.message).toContain(words)
  })

  it("finds its database readonly", () => {
    const path = join(folder, "readonly.db")
    open(path, { pragmas: [["journal_mode", "WAL"]] }).close()
    const connection = open(path, { readonly: true, create: false })
    const failure = failureOf(path, () => run(connection, "CREATE TABLE t (a)"))
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_READONLY", isRetryable: false })
    expect(failure.message).toContain("may not be written, or the connection is readonly")
    connection.close()
  })

  it("finds its database locked, and may be tried again", () => {
    const path = join(folder, "locked.db")
    const [first, second] = [open(path), open(path)]
    first.run("CREATE TABLE t (a)", [], ["BEGIN IMMEDIATE"])
    const failure = failureOf(path, () => run(second, "CREATE TABLE u (a)"))
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_BUSY", isRetryable: true })
    expect(failure.message).toContain("?busy_timeout=")
    first.close()
    second.close()
  })

  it("writes on what is no longer the newest state, and must begin its transaction anew", () => {
    const path = join(folder, "snapshot.db")
    const wal: Partial<SqliteConfig> = { pragmas: [["journal_mode", "WAL"]] }
    const [first, second] = [open(path, wal), open(path, wal)]
    run(first, "CREATE TABLE t (a)")
    first.run("SELECT * FROM t", [], ["BEGIN"])
    run(second, "INSERT INTO t VALUES (1)")
    const failure = failureOf(path, () => run(first, "INSERT INTO t VALUES (2)"))
    expect(failure).toMatchObject({ kind: "OperationalError", code: "SQLITE_BUSY_SNAPSHOT", isRetryable: true })
    expect(failure.message).toContain("run the transaction again")
    first.close()
    second.close()
  })

  it("names its set within a batch", () => {
    const failure = failureOf(":memory:", () =>
      database().runMany("INSERT INTO p VALUES (?, 'x', 'xx')", [[5], [Number.NaN]]),
    )
    expect(failure.message).toContain("parameter set 1 of 2")
  })
})

describe("what else can be thrown", () => {
  it("is an InterfaceError with its own words", () => {
    for (const cause of ["text", null, { message: "an object" }, new Error("unheard of")]) {
      expect(classifyFailure(cause, { path: "app.db" })).toMatchObject({ kind: "InterfaceError", isRetryable: false })
    }
    expect(classifyFailure(new Error("unheard of"), { path: "app.db" }).message).toBe("unheard of")
  })
})
