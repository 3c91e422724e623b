import type * as EffectModule from "effect/Effect"
import { effectOperation, sync } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { type OpenCore, pageSize, type Query, scoreLimit, storedItem } from "./subject.ts"

interface Statement<A> extends EffectModule.Effect<ReadonlyArray<A>, unknown> {
  compile(): readonly [sql: string, parameters: ReadonlyArray<unknown>]
}

interface Sql {
  <A>(strings: TemplateStringsArray, ...values: ReadonlyArray<unknown>): Statement<A>
  insert(row: object): unknown
}

interface SqlClientModule {
  make(options: object): EffectModule.Effect<Sql, unknown>
}
interface ReactivityModule {
  readonly layer: Parameters<typeof EffectModule.provide>[1]
}

export const openEffectSql: OpenCore = async () => {
  const Effect = await peer<typeof EffectModule>("effect/Effect")
  const SqlClient = await peer<SqlClientModule>("@effect/sql/SqlClient")
  const { makeCompilerSqlite } = await peer<{ makeCompilerSqlite(): unknown }>("@effect/sql/Statement")
  const Reactivity = await peer<ReactivityModule>("@effect/experimental/Reactivity")
  const answer = (_: string, parameters: ReadonlyArray<unknown>) => Effect.sync(() => [storedItem(parameters[0])])
  const connection = {
    execute: answer,
    executeRaw: answer,
    executeValues: answer,
    executeUnprepared: answer,
    executeStream: answer,
  }
  const sql = await Effect.runPromise(
    SqlClient.make({
      acquirer: Effect.succeed(connection),
      compiler: makeCompilerSqlite(),
      spanAttributes: [],
    }).pipe(Effect.provide(Reactivity.layer)) as EffectModule.Effect<Sql, unknown>,
  )
  const compiled = (statement: Statement<unknown>): Query => {
    const [text, parameters] = statement.compile()
    return { sql: text, parameters }
  }
  const key = (id: number) => sql<Item>`SELECT id, name, email, score, age FROM items WHERE id = ${id}`
  return {
    compileKey: (idAt) => sync((index) => compiled(key(idAt(index)))),
    compilePage: (ageAt) =>
      sync((index) =>
        compiled(
          sql`SELECT name, email FROM items WHERE age >= ${ageAt(index)} AND score < ${scoreLimit} ORDER BY score DESC LIMIT ${pageSize}`,
        ),
      ),
    compileInsert: (rowAt) => sync((index) => compiled(sql`INSERT INTO written ${sql.insert(rowAt(index))}`)),
    execute: (idAt) => effectOperation(Effect, (index) => Effect.map(key(idAt(index)), (rows) => rows[0])),
    close: async () => undefined,
  }
}
