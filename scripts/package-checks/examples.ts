/** A block of code in a Markdown text, or in the comments of a TypeScript source. */
export interface Block {
  readonly language: string
  /** The place of its first line: `path:line`. */
  readonly at: string
  readonly lines: ReadonlyArray<string>
}

/** A program, or a part of one, that a document shows. */
export interface Example {
  /** Its place: `path:line`. */
  readonly at: string
  /** The file that its first line says it is, as in `// main.ts`. */
  readonly file: string | undefined
  readonly code: string
  /** The output that the document shows: the block of `text` that follows. */
  readonly prints: ReadonlyArray<string>
}

/** The blocks of code in a text, in order. */
export const blocks = (path: string, text: string): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  let open:
    | { readonly language: string; readonly line: number; readonly indent: string; lines: Array<string> }
    | undefined
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = ""] = /^(\s*(?:\* ?)?)/.exec(line) ?? []
    if (open === undefined) {
      const [, language] = /^```(\w*)/.exec(line.slice(indent.length)) ?? []
      if (language !== undefined) open = { language, line: index + 2, indent, lines: [] }
    } else if (line.slice(indent.length).startsWith("```")) {
      found.push({ language: open.language, at: `${path}:${open.line}`, lines: open.lines })
      open = undefined
    } else {
      // An empty line of a comment ends after its star.
      open.lines.push(line.slice(open.indent.length))
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: this block of code has no end.`)
  return found
}

/** The blocks of TypeScript in a Markdown text, or in the comments of a TypeScript source. */
export const examples = (path: string, text: string): ReadonlyArray<Example> => {
  const all = blocks(path, text)
  return all.flatMap(({ language, at, lines }, index) => {
    if (language !== "ts") return []
    const [first = ""] = lines
    const file = /^\/\/ (\S+\.m?ts)$/.exec(first)?.[1]
    const next = all[index + 1]
    // An example is a module; a file of declarations is one only if it says so.
    const end = file?.endsWith(".d.ts") ? "\n" : "\nexport {}\n"
    return [{ at, file, code: `${lines.join("\n")}${end}`, prints: next?.language === "text" ? next.lines : [] }]
  })
}

/**
 * Tells a whole program from a part of one: it shows its output, or does something at its top level. Files in `src/` are none,
 * because they are built first.
 */
export const isProgram = ({ code, file = "", prints }: Example): boolean =>
  !file.endsWith(".d.ts") &&
  !file.startsWith("src/") &&
  (prints.length > 0 || /^(await |for await |console\.|Effect\.run|(const|let) .* = await )/m.test(code))

/**
 * The files to write so that each example can be compiled or run: a folder for each, with the named files that the same
 * document showed before it, since a later example may import those.
 */
export const projects = (
  document: ReadonlyArray<Example>,
): ReadonlyArray<{
  readonly example: Example
  readonly main: string
  readonly files: Readonly<Record<string, string>>
}> => {
  const named: Record<string, string> = {}
  return document.map((example) => {
    const { file = "example.ts", code } = example
    if (example.file !== undefined) named[file] = code
    return { example, main: file, files: { ...named, [file]: code } }
  })
}

/** The lines of the shell that a document shows, in order; one that goes on is one. */
export const shell = (path: string, text: string): ReadonlyArray<string> =>
  blocks(path, text)
    .filter(({ language }) => language === "sh")
    .flatMap(({ lines }) =>
      lines
        .join("\n")
        .replaceAll(/\s*\\\n\s*/g, " ")
        .split("\n"),
    )

/** The commands that a document tells its reader to install with, by package manager, in its order. */
export const installs = (text: string): Readonly<Record<string, ReadonlyArray<string>>> => {
  const found: Record<string, Array<string>> = {}
  for (const [, command = ""] of text.matchAll(/(?<=^|`)((?:npm install|pnpm add|bun add|deno add) [^`\n]+)/gm)) {
    const [manager = ""] = command.split(" ")
    found[manager] ??= []
    found[manager].push(command)
  }
  return found
}

/** The commands that change the folder's `package.json` before anything is installed. */
export const settings = (text: string): ReadonlyArray<string> => text.match(/(?<=^|`)npm pkg set [^`\n]+/gm) ?? []

/** The commands that a document tells its reader to run a file with. */
export const runs = (text: string): ReadonlyArray<string> => [
  ...new Set(text.match(/(?<=^|`)(?:node|bun|deno run -A) [\w./-]+\.m?ts(?=`|$)/gm) ?? []),
]
