/** The driver alone: one connection, no engine, no compiler, no row types. Rows are made as a caller of it would. */
import { sqlite } from "@offloop/driver-sqlite"
import { type DriverCall, makeUrl, type Placement } from "@offloop/orm-async"
import { Backend } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import { effectOperation } from "../../measure/operation.ts"
import { heavySql, type Item, insertWritten, selectById, selectFirst, valuesOf } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

const call = (sql: string, parameters: ReadonlyArray<unknown>, isWrite = false): DriverCall => ({
  sql,
  parameters,
  prelude: [],
  isWrite,
  bigints: false,
})

const rowsOf = (cells: ReadonlyArray<unknown>): Array<Item> => {
  const rows: Array<Item> = []
  for (let at = 0; at < cells.length; at += 5)
    rows.push({
      id: cells[at] as number,
      name: cells[at + 1] as string,
      email: cells[at + 2] as string,
      score: cells[at + 3] as number,
      age: cells[at + 4] as number,
    })
  return rows
}

export const openDriver =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const connection = await Effect.runPromise(
      sqlite
        .connect(makeUrl(`sqlite:///${path}`), { placement, connectArgs: { synchronous } })
        .pipe(Effect.provide(Backend.layer)),
    )
    const execute = (sql: string, parameters: ReadonlyArray<unknown>) => connection.execute(call(sql, parameters))
    return {
      oneAtATime: "a driver's connection runs one call at a time; the engine shares out connections",
      byId: (idAt) =>
        effectOperation(Effect, (index) =>
          Effect.map(execute(selectById, [idAt(index)]), ({ cells }) => rowsOf(cells)[0]),
        ),
      first: (count) =>
        effectOperation(Effect, () => Effect.map(execute(selectFirst, [count]), ({ cells }) => rowsOf(cells))),
      insert: (rowAt) =>
        effectOperation(Effect, (index) => connection.execute(call(insertWritten, valuesOf(rowAt(index)), true))),
      insertTen: (rowAt) =>
        effectOperation(Effect, (index) => {
          const [first, ...rest] = tenFrom(rowAt, index)
          const begin = { ...call(insertWritten, valuesOf(first!), true), prelude: ["BEGIN IMMEDIATE"] }
          return connection.execute(begin).pipe(
            Effect.zipRight(
              Effect.forEach(rest, (row) => connection.execute(call(insertWritten, valuesOf(row), true)), {
                discard: true,
              }),
            ),
            Effect.zipRight(connection.commit),
          )
        }),
      heavy: (limit) =>
        effectOperation(Effect, () => Effect.map(execute(heavySql, [limit]), ({ cells }) => cells[0] as number)),
      pragma: async (name) => (await Effect.runPromise(execute(`PRAGMA ${name}`, []))).cells[0],
      close: () => Effect.runPromise(connection.close),
    }
  }
