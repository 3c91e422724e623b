/** SQL text cut at its `:name` places: one more text than names. */
export interface ScannedSql {
  readonly texts: ReadonlyArray<string>
  readonly names: ReadonlyArray<string>
}

/** Matches strings, quoted names, comments, dollar quotes and casts, in which nothing is looked for; and `:name`. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|::|\\:|:([A-Za-z_][A-Za-z0-9_]*)/g

/** Finds the places for values. Pure. */
export const scanSql = (sql: string): ScannedSql => {
  const texts: Array<string> = []
  const names: Array<string> = []
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
    else pending += found
  }
  texts.push(pending + sql.slice(end))
  return { texts, names }
}
