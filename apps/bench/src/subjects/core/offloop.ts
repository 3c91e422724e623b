/** Statements, compiler, engine, pool and result, over a driver without a database. */
import {
  and,
  compile,
  createAsyncEngine,
  type Driver,
  type DriverConnection,
  desc,
  type Executable,
  eq,
  ge,
  insert,
  lt,
  StatementCache,
  select,
  sqliteDialect,
} from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { effectOperation, sync } from "../../measure/operation.ts"
import { columns } from "../items.ts"
import { itemsTable, writtenTable } from "../tables.ts"
import { type OpenCore, pageSize, type Query, scoreLimit, storedItem } from "./subject.ts"

const none = { columns: [], cells: [], rowCount: 0 }

const connection: DriverConnection = {
  execute: ({ parameters }) =>
    Effect.sync(() => {
      const { id, name, email, score, age } = storedItem(parameters[0])
      return { columns, cells: [id, name, email, score, age], rowCount: 1 }
    }),
  executeMany: () => Effect.succeed(none),
  openCursor: () => Effect.succeed({ columns: [], fetch: () => Effect.succeed([]), close: Effect.void }),
  commit: Effect.void,
  rollback: Effect.void,
  reset: Effect.void,
  ping: Effect.void,
  close: Effect.void,
  terminate: Effect.void,
  driverConnection: undefined,
}

const driver: Driver = {
  name: "at-once",
  dialect: sqliteDialect,
  capabilities: {
    placements: ["inline"],
    cancelsRunningStatement: false,
    concurrentWriters: true,
    streams: false,
    transactionalDdl: false,
    isolationLevels: ["AUTOCOMMIT"],
  },
  poolDefaults: () => ({ poolSize: 1, maxOverflow: 0 }),
  connect: () => Effect.succeed(connection),
}

export const openOffloop: OpenCore = async () => {
  const scope = await Effect.runPromise(Scope.make())
  const engine = await Effect.runPromise(
    createAsyncEngine("sqlite://", { driver, isolationLevel: "AUTOCOMMIT" }).pipe(Scope.extend(scope)),
  )
  const cache = new StatementCache(100)
  const compiled = (statement: Executable<unknown>): Query => {
    const [step] = compile(statement, sqliteDialect, { cache }).steps
    return { sql: step.sql, parameters: "parameters" in step ? step.parameters : step.parameterSets[0]! }
  }
  const key = (id: number) => select(itemsTable).where(eq(itemsTable.c.id, id))
  return {
    compileKey: (idAt) => sync((index) => compiled(key(idAt(index)))),
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
    execute: (idAt) =>
      effectOperation(Effect, (index) =>
        Effect.scoped(
          Effect.flatMap(engine.connect, (open) =>
            Effect.map(open.execute(key(idAt(index))), (result) => result.first()),
          ),
        ),
      ),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
