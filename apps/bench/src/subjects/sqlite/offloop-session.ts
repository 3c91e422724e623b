/** The ORM: each operation has a session of its own, as a request would. */
import "@offloop/driver-sqlite"
import {
  AsyncSession,
  asc,
  createAsyncEngine,
  doublePrecision,
  Entity,
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
import { columns, heavySql, type Item } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

const { itemsTable, writtenTable } = tablesOf({ doublePrecision, integer, table, text })

class StoredItem extends Entity(itemsTable) {}
class Written extends Entity(writtenTable) {}

export const openSession =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const scope = await Effect.runPromise(Scope.make())
    const engine = await Effect.runPromise(
      createAsyncEngine(`sqlite:///${path}`, { placement, connectArgs: { synchronous } }).pipe(Scope.extend(scope)),
    )
    const inSession = <A, E>(use: (session: AsyncSession) => Effect.Effect<A, E>) =>
      Effect.scoped(Effect.flatMap(AsyncSession.make(engine), use))
    const scalar = (sql: string, parameters: ReadonlyArray<unknown>) =>
      Effect.scoped(
        Effect.flatMap(engine.connect, (connection) =>
          Effect.map(connection.execDriverSql(sql, parameters), (result) => Object.values(result.first()!)[0]),
        ),
      )
    const write = (rows: ReadonlyArray<ConstructorParameters<typeof Written>[0]>) =>
      inSession((session) => {
        session.addAll(rows.map((row) => new Written(row)))
        return session.commit
      })
    return {
      byId: (idAt) => effectOperation(Effect, (index) => inSession((session) => session.get(StoredItem, idAt(index)))),
      first: (count) =>
        effectOperation(Effect, () =>
          inSession((session) =>
            Effect.map(
              session.scalars(select(StoredItem).orderBy(asc(StoredItem.c.id)).limit(count)),
              (result): ReadonlyArray<Item> => result.all(),
            ),
          ),
        ),
      insert: (rowAt) => effectOperation(Effect, (index) => write([rowAt(index)])),
      insertTen: (rowAt) => effectOperation(Effect, (index) => write(tenFrom(rowAt, index))),
      heavy: (limit) => effectOperation(Effect, () => scalar(heavySql, [limit]) as Effect.Effect<number, unknown>),
      pragma: (name) => Effect.runPromise(scalar(`PRAGMA ${name}`, [])),
      plain: (row) => Object.fromEntries(columns.map((name) => [name, row[name]])),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    }
  }
