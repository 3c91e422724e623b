import type { Dialect } from "../dialect/dialect.ts"
import { namedNode } from "../expression/literal.ts"
import type { TextClause } from "../statement/text-clause.ts"
import { unknownType } from "../types/sql-type.ts"
import type { Prepared } from "./dml-compiler.ts"
import { NamedReader } from "./row-reader.ts"
import { writeQuery } from "./select-compiler.ts"
import { StatementWriter } from "./statement-writer.ts"
import { Template } from "./template.ts"

/** Prepares SQL text. A place whose value is an array becomes a list, for `IN (:ids)`. */
export const prepareText = (
  { scanned, types }: TextClause<unknown>,
  valueOf: (name: string) => unknown,
  dialect: Dialect,
): Prepared => {
  const { texts, names, isWrite, returnsRows } = scanned
  const binds = names.map((name) => namedNode(name, unknownType, { expanding: Array.isArray(valueOf(name)) }))
  const typesShape =
    types === undefined ? "" : [...types].map(([key, type]) => `${JSON.stringify(key)}:${type.shape}`).join()
  const shape = `text ${JSON.stringify(texts)}|${binds.map((bind) => bind.shape).join()}|${typesShape}`
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    texts.forEach((text, i) => {
      writer.write(text)
      const bind = binds[i]
      if (bind !== undefined) writer.bind(bind)
    })
    // That SQL text returns no rows is a guess: rows that come all the same are read.
    return new Template(writer, isWrite, new NamedReader(dialect, types ?? new Map()), returnsRows)
  }
  return { shape, binds, compile }
}
