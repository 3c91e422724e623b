/** A command's name in its tag: `INSERT` of `INSERT 0 5`, `CREATE TABLE` of itself. */
export const commandOf = (tag: string): string => {
  for (let at = 1; at < tag.length; at++) if (isDigit(tag, at) && tag[at - 1] === " ") return tag.slice(0, at - 1)
  return tag
}

/** The rows that a command has changed or returned, as its tag says; undefined where it does not. */
export const countOf = (tag: string): number | undefined => {
  const at = tag.lastIndexOf(" ") + 1
  return at > 0 && isDigit(tag, at) ? Number(tag.slice(at)) : undefined
}

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}
