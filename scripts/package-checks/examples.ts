/** A program, or a part of one, that a document shows. */
export interface Example {
  /** Where it is: `path:line`. */
  readonly at: string
  /** The file that its first line says it is, as in `// main.ts`. */
  readonly file: string | undefined
  readonly code: string
}

/** The blocks of TypeScript in a Markdown text, or in the comments of a TypeScript source. */
export const examples = (path: string, text: string): ReadonlyArray<Example> => {
  const found: Array<Example> = []
  let open: { readonly line: number; readonly indent: string; readonly lines: Array<string> } | undefined
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = ""] = /^(\s*(?:\* ?)?)/.exec(line) ?? []
    if (open === undefined) {
      if (/^```ts\b/.test(line.slice(indent.length))) open = { line: index + 2, indent, lines: [] }
    } else if (line.slice(indent.length).startsWith("```")) {
      const [first = ""] = open.lines
      found.push({
        at: `${path}:${open.line}`,
        file: /^\/\/ (\S+\.ts)$/.exec(first)?.[1],
        code: `${open.lines.join("\n")}\nexport {}\n`,
      })
      open = undefined
    } else {
      // An empty line of a comment ends after its star.
      open.lines.push(line.slice(open.indent.length))
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: this block of code has no end.`)
  return found
}

/**
 * The files to write so that each example can be compiled: a folder for each, with the named files that the same document
 * showed before it, since a later example may import those.
 */
export const projects = (
  document: ReadonlyArray<Example>,
): ReadonlyArray<{ readonly example: Example; readonly files: Readonly<Record<string, string>> }> => {
  const named: Record<string, string> = {}
  return document.map((example) => {
    const { file = "example.ts", code } = example
    if (example.file !== undefined) named[file] = code
    return { example, files: { ...named, [file]: code } }
  })
}
