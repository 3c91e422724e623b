/** A value of an array parameter as text, or null. */
type ElementText = (element: unknown) => string | null

/**
 * PostgreSQL's text form of an array: `{1,NULL,"a \"b\""}`. Elements are always quoted, so that no text can be mistaken
 * for NULL, a comma or a brace.
 *
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export const formatArray = (elements: ReadonlyArray<unknown>, text: ElementText): string => {
  const parts = elements.map((element) => {
    if (Array.isArray(element)) return formatArray(element, text)
    const written = text(element)
    return written === null ? "NULL" : `"${written.replace(/["\\]/g, "\\$&")}"`
  })
  return `{${parts.join(",")}}`
}

/** Reads PostgreSQL's text form of an array; `[2:3]={…}` loses its bounds, as a JavaScript array has none. */
export const parseArray = (text: string, element: (text: string) => unknown, delimiter = ","): Array<unknown> => {
  let at = text.indexOf("{")

  const quoted = (): string => {
    let value = ""
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === "\\") at++
      value += text[at]
    }
    at++
    return value
  }

  const bare = (): string => {
    const start = at
    while (text[at] !== delimiter && text[at] !== "}") at++
    return text.slice(start, at)
  }

  const item = (): unknown => {
    if (text[at] === "{") return list()
    if (text[at] === '"') return element(quoted())
    const value = bare()
    return value === "NULL" ? null : element(value)
  }

  const list = (): Array<unknown> => {
    const items: Array<unknown> = []
    at++
    while (text[at] !== "}") {
      items.push(item())
      if (text[at] === delimiter) at++
    }
    at++
    return items
  }

  return list()
}
