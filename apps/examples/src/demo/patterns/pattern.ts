import { readFile } from "node:fs/promises"
import type { ArgumentError, AsyncEngine, Executable, GetOneError, SqlError } from "@offloop/orm-async"
import * as Effect from "effect/Effect"

/** One way to use the API: the code, what it sends, and what comes back. */
export interface Pattern {
  readonly title: string
  /** The module whose lines between `// shown from here` and `// to here` are printed: what is printed is what runs. */
  readonly module: string
  readonly statement: Executable<unknown, "core" | "orm">
  readonly run: Effect.Effect<ReadonlyArray<object>, ArgumentError | GetOneError | SqlError, AsyncEngine>
}

const marked = /^([ \t]*)\/\/ shown from here\n([\s\S]*?)^[ \t]*\/\/ to here$/m

/** The lines of a source between the marks, without their common indentation. */
export const shownLines = (source: string): string => {
  const match = marked.exec(source.replaceAll("\r\n", "\n"))
  if (match === null) throw new Error("The source has no lines between `// shown from here` and `// to here`.")
  const [, indentation = "", lines = ""] = match
  return lines.replaceAll(new RegExp(`^${indentation}`, "gm"), "").trimEnd()
}

/** The code of a pattern as its source has it. */
export const codeOf = (pattern: Pattern): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => readFile(new URL(pattern.module), "utf8")),
    shownLines,
  )
