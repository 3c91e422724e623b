import type { TextSyntax } from "../dialect/text-syntax.ts"

/** SQL text cut at its `:name` places: one more text than names. */
export interface ScannedSql {
  readonly texts: ReadonlyArray<string>
  readonly names: ReadonlyArray<string>
}

/** The beginnings of what has to be looked at. */
const beginning = /['"`[]|--|\/\*|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|::|\\:|:([A-Za-z_][A-Za-z0-9_]*)/g

const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\w$\u0080-\uffff]/.test(character)

/** The end of something that is quoted, where the quote is written twice to mean itself. */
const endOfQuoted = (sql: string, from: number, quote: string): number => {
  for (let at = sql.indexOf(quote, from); at >= 0; at = sql.indexOf(quote, at + 2)) {
    if (sql[at + 1] !== quote) return at + 1
  }
  return sql.length
}

const endOfEscaped = (sql: string, from: number): number => {
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === "\\") at++
    else if (sql[at] !== "'") continue
    else if (sql[at + 1] === "'") at++
    else return at + 1
  }
  return sql.length
}

const endOf = (sql: string, end: string, from: number): number => {
  const at = sql.indexOf(end, from)
  return at < 0 ? sql.length : at + end.length
}

const commentMark = /\/\*|\*\//g

const endOfComment = (sql: string, from: number, nested: boolean): number => {
  if (!nested) return endOf(sql, "*/", from)
  let depth = 1
  commentMark.lastIndex = from
  for (let mark = commentMark.exec(sql); mark !== null; mark = commentMark.exec(sql)) {
    depth += mark[0] === "/*" ? 1 : -1
    if (depth === 0) return commentMark.lastIndex
  }
  return sql.length
}

/** The end of something in which no name is looked for; its start where it is nothing of that kind. */
const endOfOpaque = (sql: string, start: number, opening: string, syntax: TextSyntax): number => {
  const from = start + opening.length
  switch (opening) {
    case "'": {
      const isEscaped = syntax.escapeStrings && /[eE]/.test(sql[start - 1] ?? "") && !isWordCharacter(sql[start - 2])
      return isEscaped ? endOfEscaped(sql, from) : endOfQuoted(sql, from, opening)
    }
    case '"':
      return endOfQuoted(sql, from, opening)
    case "`":
      return syntax.bracketsAndBackticks ? endOfQuoted(sql, from, opening) : start
    case "[":
      return syntax.bracketsAndBackticks ? endOf(sql, "]", from) : start
    case "--":
      return endOf(sql, "\n", from)
    case "/*":
      return endOfComment(sql, from, syntax.nestedComments)
    default:
      // An identifier may have a dollar in it.
      return syntax.dollarQuotes && !isWordCharacter(sql[start - 1]) ? endOf(sql, opening, from) : start
  }
}

/** Finds the places for values. Pure. */
export const scanSql = (sql: string, syntax: TextSyntax): ScannedSql => {
  const texts: Array<string> = []
  const names: Array<string> = []
  let pending = ""
  let done = 0
  const next = new RegExp(beginning)
  for (let match = next.exec(sql); match !== null; match = next.exec(sql)) {
    const [found, name] = match
    const { index } = match
    if (name !== undefined || found === "\\:") {
      pending += sql.slice(done, index)
      done = next.lastIndex
      if (name === undefined) pending += ":"
      else {
        texts.push(pending)
        names.push(name)
        pending = ""
      }
    } else if (found !== "::") {
      const end = endOfOpaque(sql, index, found, syntax)
      if (end > index) next.lastIndex = end
      // A tag that opens nothing may end with the dollar that begins the next one.
      else if (found.startsWith("$")) next.lastIndex = index + 1
    }
  }
  texts.push(pending + sql.slice(done))
  return { texts, names }
}
