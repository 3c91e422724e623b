/** @effect/sql-pg, used as its documentation does: one client, tagged templates. */
import type * as EffectModule from "effect/Effect"
import type * as ExitModule from "effect/Exit"
import type * as RedactedModule from "effect/Redacted"
import type * as ScopeModule from "effect/Scope"
import { effectOperation } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { Item } from "../items.ts"
import { connections, type OpenPg } from "./subject.ts"

type Sql = <A>(
  strings: TemplateStringsArray,
  ...values: ReadonlyArray<unknown>
) => EffectModule.Effect<ReadonlyArray<A>, unknown>

interface Modules {
  readonly PgClient: { make(options: object): EffectModule.Effect<Sql, unknown, ScopeModule.Scope> }
}
interface ReactivityModule {
  readonly layer: Parameters<typeof EffectModule.provide>[1]
}

export const openEffectSql: OpenPg = async (url) => {
  const Effect = await peer<typeof EffectModule>("effect/Effect")
  const Exit = await peer<typeof ExitModule>("effect/Exit")
  const Redacted = await peer<typeof RedactedModule>("effect/Redacted")
  const Scope = await peer<typeof ScopeModule>("effect/Scope")
  const Reactivity = await peer<ReactivityModule>("@effect/experimental/Reactivity")
  const { PgClient } = await peer<Modules>("@effect/sql-pg")
  const scope = await Effect.runPromise(Scope.make())
  const sql = await Effect.runPromise(
    PgClient.make({ url: Redacted.make(url), maxConnections: connections }).pipe(
      Effect.provideService(Scope.Scope, scope),
      Effect.provide(Reactivity.layer),
    ) as EffectModule.Effect<Sql, unknown>,
  )
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
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
