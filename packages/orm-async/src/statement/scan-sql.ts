/** SQL text cut at its `:name` places: one more text than names. */
export interface ScannedSql {
  readonly texts: ReadonlyArray<string>
  readonly names: ReadonlyArray<string>
  /** It may change data or schema, or lock. */
  readonly isWrite: boolean
  readonly returnsRows: boolean
}

/** Matches strings, quoted names, comments, dollar quotes and casts, in which nothing is looked for; `:name`; and words. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|::|\\:|:([A-Za-z_][A-Za-z0-9_]*)|[A-Za-z_][A-Za-z0-9_$]*/g

const reading = new Set(["SELECT", "VALUES", "SHOW", "EXPLAIN", "TABLE", "PRAGMA", "WITH"])
const writing = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"])

interface Words {
  readonly first: string
  readonly writes: boolean
  readonly returning: boolean
  readonly intoTable: boolean
}

const summarise = (words: ReadonlyArray<string>): Words => ({
  first: words[0] ?? "",
  writes: words.some((word) => writing.has(word)),
  returning: words.includes("RETURNING"),
  intoTable: words.includes("INTO"),
})

/** Finds the places for values, and whether the statement writes and returns rows. Pure. */
export const scanSql = (sql: string): ScannedSql => {
  const texts: Array<string> = []
  const names: Array<string> = []
  const words: Array<string> = []
  let pending = ""
  let end = 0
  for (const match of sql.matchAll(token)) {
    const [found, , name] = match
    pending += sql.slice(end, match.index)
    end = match.index + found.length
    if (name !== undefined) {
      texts.push(pending)
      names.push(name)
      pending = ""
    } else if (found === "\\:") pending += ":"
    else {
      pending += found
      if (/^[A-Za-z_]/.test(found)) words.push(found.toUpperCase())
    }
  }
  texts.push(pending + sql.slice(end))
  const { first, writes, returning, intoTable } = summarise(words)
  const reads = reading.has(first)
  const isWrite = !reads || first === "PRAGMA" ? first !== "PRAGMA" || sql.includes("=") : writes || intoTable
  return { texts, names, isWrite, returnsRows: returning || (reads && !(first === "WITH" && writes)) }
}
