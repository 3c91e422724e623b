/** Engine and Core over PostgreSQL, as in the SQLite suites: a connection of the pool for each operation, AUTOCOMMIT. */
import "@offloop/driver-pg"
import {
  type AsyncConnection,
  asc,
  createAsyncEngine,
  doublePrecision,
  eq,
  integer,
  type Placement,
  select,
  table,
  text,
} from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { effectOperation } from "../../measure/operation.ts"
import type { Item } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { connections, type OpenPg } from "./subject.ts"

const { itemsTable } = tablesOf({ doublePrecision, integer, table, text })

export const openCore =
  (placement: Placement): OpenPg =>
  async (url) => {
    const scope = await Effect.runPromise(Scope.make())
    const engine = await Effect.runPromise(
      createAsyncEngine(url, { placement, poolSize: connections, maxOverflow: 0 }).pipe(Scope.extend(scope)),
    )
    const autocommit = engine.executionOptions({ isolationLevel: "AUTOCOMMIT" })
    const connected = <A, E>(use: (connection: AsyncConnection) => Effect.Effect<A, E>) =>
      Effect.scoped(Effect.flatMap(autocommit.connect, use))
    return {
      byId: (idAt) =>
        effectOperation(Effect, (index) =>
          connected((connection) =>
            Effect.map(connection.execute(select(itemsTable).where(eq(itemsTable.c.id, idAt(index)))), (result) =>
              result.first(),
            ),
          ),
        ),
      first: (count) =>
        effectOperation(Effect, () =>
          connected((connection) =>
            Effect.map(
              connection.execute(select(itemsTable).orderBy(asc(itemsTable.c.id)).limit(count)),
              (result): ReadonlyArray<Item> => result.fetchAll(),
            ),
          ),
        ),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    }
  }
