/** @effect/sql-sqlite-node, used as its documentation does: one client, tagged templates. */
import type * as EffectModule from "effect/Effect"
import type * as ExitModule from "effect/Exit"
import type * as ScopeModule from "effect/Scope"
import { effectOperation } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

type Effect<A> = EffectModule.Effect<A, unknown>

interface Sql {
  <A>(strings: TemplateStringsArray, ...values: ReadonlyArray<unknown>): Effect<ReadonlyArray<A>>
  unsafe<A>(sql: string): Effect<ReadonlyArray<A>>
  insert(row: object): unknown
  withTransaction<A>(effect: Effect<A>): Effect<A>
}

interface Modules {
  readonly SqliteClient: { make(options: object): EffectModule.Effect<Sql, unknown, ScopeModule.Scope> }
}
interface ReactivityModule {
  readonly layer: Parameters<typeof EffectModule.provide>[1]
}

export const openEffectSql: OpenSqlite = async ({ path, synchronous }) => {
  const Effect = await peer<typeof EffectModule>("effect/Effect")
  const Exit = await peer<typeof ExitModule>("effect/Exit")
  const Scope = await peer<typeof ScopeModule>("effect/Scope")
  const Reactivity = await peer<ReactivityModule>("@effect/experimental/Reactivity")
  const { SqliteClient } = await peer<Modules>("@effect/sql-sqlite-node")
  const scope = await Effect.runPromise(Scope.make())
  const sql = await Effect.runPromise(
    SqliteClient.make({ filename: path }).pipe(
      Effect.provideService(Scope.Scope, scope),
      Effect.provide(Reactivity.layer),
    ) as Effect<Sql>,
  )
  await Effect.runPromise(sql.unsafe(`PRAGMA synchronous = ${synchronous}`))
  const insert = (row: object) => sql`INSERT INTO written ${sql.insert(row)}`
  return {
    byId: (idAt) =>
      effectOperation(Effect, (index) =>
        Effect.map(
          sql<Item>`SELECT id, name, email, score, age FROM items WHERE id = ${idAt(index)}`,
          (rows) => rows[0],
        ),
      ),
    first: (count) =>
      effectOperation(
        Effect,
        () => sql<Item>`SELECT id, name, email, score, age FROM items ORDER BY id LIMIT ${count}`,
      ),
    insert: (rowAt) => effectOperation(Effect, (index) => insert(rowAt(index))),
    insertTen: (rowAt) =>
      effectOperation(Effect, (index) =>
        sql.withTransaction(Effect.forEach(tenFrom(rowAt, index), insert, { discard: true })),
      ),
    heavy: (limit) =>
      effectOperation(Effect, () =>
        Effect.map(
          sql<{ total: number }>`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${limit})
SELECT sum(i % 7) AS total FROM n`,
          (rows) => rows[0]!.total,
        ),
      ),
    pragma: async (name) => Object.values((await Effect.runPromise(sql.unsafe<object>(`PRAGMA ${name}`)))[0]!)[0],
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
