/** What a schema finds wrong, with the path as users of tasks know it. */
import * as ParseResult from "effect/ParseResult"
import type { SchemaIssue } from "../../errors.ts"

/** `root` is what to call the whole value: `args`, `result`. */
export const issuesOf = (error: ParseResult.ParseError, root: string): ReadonlyArray<SchemaIssue> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path, message }) => ({
    path: root + path.map(step).join(""),
    message,
  }))

const step = (key: PropertyKey): string =>
  typeof key === "string" && /^[A-Za-z_$][\w$]*$/.test(key)
    ? `.${key}`
    : `[${typeof key === "string" ? JSON.stringify(key) : String(key)}]`
