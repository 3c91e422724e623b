import type { Dialect } from "../dialect/dialect.ts"
import { standardTextSyntax, type TextSyntax } from "../dialect/text-syntax.ts"
import { namedNode } from "../expression/literal.ts"
import { nameShape } from "../expression/node.ts"
import type { TextClause } from "../statement/text-clause.ts"
import { unknownType } from "../types/sql-type.ts"
import { lookUp, type Prepared, type PreparedTemplate, preparedTemplate } from "./prepared.ts"
import { NamedReader } from "./row-reader.ts"
import { scanSql } from "./scan-sql.ts"
import { writeQuery } from "./select-compiler.ts"
import type { StatementCache } from "./statement-cache.ts"
import { StatementWriter } from "./statement-writer.ts"
import { type ExecuteParameters, Template } from "./template.ts"

const inList = /\b(NOT\s+)?IN\s*\(\s*$/i

/** The SQL for a list without elements that stands behind a text. */
const emptyListBehind = (text: string, { emptyList }: TextSyntax): string => {
  const found = inList.exec(text)
  return found === null ? "NULL" : emptyList(found[1] !== undefined)
}

const prepareText = (
  { sql, types }: TextClause<unknown>,
  dialect: Dialect,
  parameters: ExecuteParameters = {},
): Prepared => {
  const syntax = dialect.textSyntax ?? standardTextSyntax
  const { texts, names } = scanSql(sql, syntax)
  const binds = names.map((name) => namedNode(name, unknownType, { expanding: Array.isArray(parameters[name]) }))
  const typesShape =
    types === undefined ? "" : [...types].map(([key, type]) => `${nameShape(key)}:${type.shape}`).join()
  const shape = `text ${JSON.stringify(texts)}|${binds.map((bind) => bind.shape).join()}|${typesShape}`
  const compile = (): Template => {
    const writer = new StatementWriter(dialect, binds, writeQuery)
    texts.forEach((text, i) => {
      writer.write(text)
      const bind = binds[i]
      if (bind !== undefined) writer.bind(bind, emptyListBehind(text, syntax))
    })
    // Only the database can tell what SQL of the program's own does, and whether it returns rows.
    return new Template(writer, undefined, new NamedReader(dialect, types ?? new Map()))
  }
  return { shape, binds, compile }
}

/** The template of SQL text. A place whose value is an array becomes a list, for `IN (:ids)`. */
export const textTemplate = (
  statement: TextClause<unknown>,
  dialect: Dialect,
  cache: StatementCache | undefined,
  parameters: ExecuteParameters | ReadonlyArray<ExecuteParameters>,
): PreparedTemplate => {
  const single = parameters as ExecuteParameters
  const hasLists = !Array.isArray(parameters) && Object.values(single).some(Array.isArray)
  return hasLists
    ? lookUp(prepareText(statement, dialect, single), dialect, cache)
    : preparedTemplate(statement, dialect, cache, prepareText)
}
