import type { NativeDatabase, NativeStatement } from "./better-sqlite3.ts"

/** Settings of a connection that SQL can change, and that SQL can read in a query. */
const readable = [
  "analysis_limit",
  "automatic_index",
  "busy_timeout",
  "cache_size",
  "cache_spill",
  "cell_size_check",
  "checkpoint_fullfsync",
  "count_changes",
  "defer_foreign_keys",
  "empty_result_callbacks",
  "foreign_keys",
  "full_column_names",
  "fullfsync",
  "ignore_check_constraints",
  "journal_mode",
  "journal_size_limit",
  "legacy_alter_table",
  "locking_mode",
  "max_page_count",
  "query_only",
  "read_uncommitted",
  "recursive_triggers",
  "reverse_unordered_selects",
  "secure_delete",
  "short_column_names",
  "synchronous",
  "temp_store",
  "threads",
  "trusted_schema",
  "writable_schema",
] as const

/** Settings that no query reads. */
const unreadable = ["mmap_size", "wal_autocheckpoint"] as const

const settingsQuery = `SELECT ${readable.map((name) => `(SELECT * FROM pragma_${name})`).join(", ")}, 'a' LIKE 'A'`

const databasesQuery = "SELECT name FROM pragma_database_list WHERE name <> 'main'"

type Settings = ReadonlyArray<unknown>

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * The state that a borrower of a connection can change beyond a transaction: settings, attached files, and temporary tables, views
 * and triggers. It is remembered when SQL is first run that may change it, and given back from there.
 */
export class SessionSettings {
  readonly #database: NativeDatabase
  #settingsQuery: NativeStatement | undefined
  #databasesQuery: NativeStatement | undefined
  #remembered: { readonly readable: Settings; readonly unreadable: Settings } | undefined

  constructor(database: NativeDatabase) {
    this.#database = database
  }

  /** To be called before anything runs, or is prepared, that may change the session: some settings change by preparing. */
  remember(): void {
    this.#remembered ??= {
      readable: this.#read(),
      unreadable: unreadable.map((name) => this.#database.pragma(name, { simple: true })),
    }
  }

  /** Gives everything back. No transaction may be open. */
  restore(): void {
    const remembered = this.#remembered
    if (remembered === undefined) return
    this.#dropDatabases(remembered.readable)
    const now = this.#read()
    const changed = readable.flatMap((name, at) =>
      now[at] === remembered.readable[at] ? [] : [`PRAGMA ${name} = ${remembered.readable[at]}`],
    )
    const others = unreadable.map((name, at) => `PRAGMA ${name} = ${remembered.unreadable[at]}`)
    // It can only be told by what LIKE does. Setting it has every statement prepared anew.
    const likes = now[readable.length] === remembered.readable[readable.length] ? [] : [this.#likePragma(remembered)]
    // A lock that is to be given up is given up by the next access.
    this.#database.exec([...others, ...changed, ...likes, "SELECT 1 FROM sqlite_schema LIMIT 1"].join("; "))
    if (changed.length + likes.length > 0) this.#check(remembered.readable)
  }

  #likePragma(remembered: { readonly readable: Settings }): string {
    return `PRAGMA case_sensitive_like = ${remembered.readable[readable.length] === 1 ? "OFF" : "ON"}`
  }

  /** Some settings cannot be changed back, as a journal that another connection uses. */
  #check(wanted: Settings): void {
    const now = this.#read()
    const at = now.findIndex((value, index) => value !== wanted[index])
    if (at < 0) return
    const name = readable[at] ?? "case_sensitive_like"
    throw new Error(`the setting ${name} cannot be changed back from ${now[at]} to ${wanted[at]}`)
  }

  #dropDatabases(remembered: Settings): void {
    this.#databasesQuery ??= this.#database.prepare(databasesQuery).raw(true)
    const names = this.#databasesQuery.all([]).map(([name]) => String(name))
    for (const name of names) {
      if (name !== "temp") this.#database.exec(`DETACH ${quoted(name)}`)
    }
    if (names.includes("temp")) {
      // Temporary objects end when the place for them changes.
      const store = Number(remembered[readable.indexOf("temp_store")])
      const now = Number(this.#database.pragma("temp_store", { simple: true }))
      this.#database.exec(`PRAGMA temp_store = ${(now + 1) % 3}; PRAGMA temp_store = ${store}`)
    }
  }

  #read(): Settings {
    this.#settingsQuery ??= this.#database.prepare(settingsQuery).raw(true)
    return this.#settingsQuery.all([])[0] ?? []
  }
}
