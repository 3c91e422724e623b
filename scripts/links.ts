/** Finds the links of a Markdown text that lead nowhere. Asks no other machine. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"

export interface Link {
  readonly line: number
  readonly target: string
}

const withoutCode = (text: string): string =>
  text
    .replaceAll(/^ *```[\s\S]*?^ *```/gm, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/`[^`\n]*`/g, (code) => " ".repeat(code.length))

/** The links of a Markdown text, outside of code. */
export const links = (text: string): ReadonlyArray<Link> =>
  withoutCode(text)
    .split("\n")
    .flatMap((line, index) =>
      Array.from(line.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => ({ line: index + 1, target })),
    )

/** The anchors that GitHub and npm give to the headings of a Markdown text. */
export const anchors = (text: string): ReadonlySet<string> =>
  new Set(
    Array.from(text.replaceAll(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/^#+ (.+)$/gm), ([, title = ""]) =>
      title
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  )

const isAddress = (target: string): boolean => /^(https?|mailto):/.test(target)

/** The reason for which a link of the file at `path` is dead; undefined when it is not, or when it leads to another machine. */
const problemOf = (root: string, path: string, target: string): string | undefined => {
  if (isAddress(target)) return undefined
  const [file = "", anchor] = target.split("#")
  const found = file === "" ? path : join(dirname(path), file)
  if (!existsSync(join(root, found))) return `there is no ${found}`
  if (anchor === undefined) return undefined
  if (!statSync(join(root, found)).isFile() || !found.endsWith(".md")) return undefined
  return anchors(readFileSync(join(root, found), "utf8")).has(anchor) ? undefined : `${found} has no #${anchor}`
}

/** The links of a file of the repository that lead nowhere, in words. */
export const deadLinks = (root: string, path: string): ReadonlyArray<string> =>
  links(readFileSync(join(root, path), "utf8")).flatMap(({ line, target }) => {
    const problem = problemOf(root, path, target)
    return problem === undefined ? [] : [`${path}:${line}: ${target}: ${problem}`]
  })

/** The links of a package's page that lead nowhere once it stands in a registry, where nothing is beside it. */
export const linksIntoRepository = (path: string, text: string): ReadonlyArray<string> =>
  links(text).flatMap(({ line, target }) => {
    if (isAddress(target)) return []
    if (!target.startsWith("#")) return [`${path}:${line}: ${target}: a package's page has no files beside it`]
    return anchors(text).has(target.slice(1)) ? [] : [`${path}:${line}: ${target}: the page has no such heading`]
  })
