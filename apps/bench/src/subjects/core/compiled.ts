/** Compiles the statements of our subjects, in the same way for each style. */
import {
  and,
  compile,
  desc,
  doublePrecision,
  type Executable,
  eq,
  ge,
  insert,
  integer,
  lt,
  StatementCache,
  select,
  sqliteDialect,
  table,
  text,
} from "@offloop/orm-async/promise"
import { sync } from "../../measure/operation.ts"
import { tablesOf } from "../tables.ts"
import { type CoreSubject, pageSize, type Query, scoreLimit } from "./subject.ts"

const { itemsTable, writtenTable } = tablesOf({ doublePrecision, integer, table, text })

export const selectByKey = (id: number) => select(itemsTable).where(eq(itemsTable.c.id, id))

export const compiling = (): Pick<CoreSubject, "compileKey" | "compilePage" | "compileInsert"> => {
  const cache = new StatementCache(100)
  const compiled = (statement: Executable<unknown>): Query => {
    const [step] = compile(statement, sqliteDialect, { cache }).steps
    return { sql: step.sql, parameters: "parameters" in step ? step.parameters : step.parameterSets[0]! }
  }
  return {
    compileKey: (idAt) => sync((index) => compiled(selectByKey(idAt(index)))),
    compilePage: (ageAt) =>
      sync((index) =>
        compiled(
          select(itemsTable.c.name, itemsTable.c.email)
            .where(and(ge(itemsTable.c.age, ageAt(index)), lt(itemsTable.c.score, scoreLimit)))
            .orderBy(desc(itemsTable.c.score))
            .limit(pageSize),
        ),
      ),
    compileInsert: (rowAt) => sync((index) => compiled(insert(writtenTable).values(rowAt(index)))),
  }
}
