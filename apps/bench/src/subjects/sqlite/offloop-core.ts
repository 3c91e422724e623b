/**
 * Engine and Core: each operation takes a connection from the pool, builds and runs a statement, and gives the
 * connection back. Single statements run in AUTOCOMMIT, as those of the others do.
 */
import "@offloop/driver-sqlite"
import {
  type AsyncConnection,
  asc,
  createAsyncEngine,
  doublePrecision,
  eq,
  insert,
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
import { heavySql, type Item } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

const { itemsTable, writtenTable } = tablesOf({ doublePrecision, integer, table, text })

export const openCore =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const scope = await Effect.runPromise(Scope.make())
    const engine = await Effect.runPromise(
      createAsyncEngine(`sqlite:///${path}`, { placement, connectArgs: { synchronous } }).pipe(Scope.extend(scope)),
    )
    const autocommit = engine.executionOptions({ isolationLevel: "AUTOCOMMIT" })
    const connected = <A, E>(use: (connection: AsyncConnection) => Effect.Effect<A, E>) =>
      Effect.scoped(Effect.flatMap(autocommit.connect, use))
    const scalar = (sql: string, parameters: ReadonlyArray<unknown>) =>
      connected((connection) =>
        Effect.map(connection.execDriverSql(sql, parameters), (result) => Object.values(result.first()!)[0]),
      )
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
      insert: (rowAt) =>
        effectOperation(Effect, (index) =>
          connected((connection) => connection.execute(insert(writtenTable).values(rowAt(index)))),
        ),
      insertTen: (rowAt) =>
        effectOperation(Effect, (index) =>
          engine.begin((connection) =>
            Effect.forEach(tenFrom(rowAt, index), (row) => connection.execute(insert(writtenTable).values(row)), {
              discard: true,
            }),
          ),
        ),
      heavy: (limit) => effectOperation(Effect, () => scalar(heavySql, [limit]) as Effect.Effect<number, unknown>),
      pragma: (name) => Effect.runPromise(scalar(`PRAGMA ${name}`, [])),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    }
  }
