/** The driver alone: one connection, no engine, no compiler, no row types. Rows are made as a caller of it would. */
import { sqlite } from "@offloop/driver-sqlite"
import {
  type DriverCall,
  type DriverConnection,
  type DriverDone,
  type DriverResult,
  makeUrl,
  type Placement,
} from "@offloop/orm-async/driver"
import { promise } from "../../measure/operation.ts"
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

const answerOf = <A>(begin: (done: DriverDone<A>) => unknown): Promise<A> =>
  new Promise((resolve, reject) => {
    begin((outcome) => (outcome.ok ? resolve(outcome.value) : reject(outcome.error)))
  })

export const openDriver =
  (placement: Placement): OpenSqlite =>
  async ({ path, synchronous }) => {
    const connection = await answerOf<DriverConnection>((done) =>
      sqlite.connect(makeUrl(`sqlite:///${path}`), { placement, connectArgs: { synchronous } }, done),
    )
    const execute = (given: DriverCall) => answerOf<DriverResult>((done) => connection.execute(given, done))
    return {
      oneAtATime: "a driver's connection runs one call at a time; the engine shares out connections",
      byId: (idAt) => promise(async (index) => rowsOf((await execute(call(selectById, [idAt(index)]))).cells)[0]),
      first: (count) => promise(async () => rowsOf((await execute(call(selectFirst, [count]))).cells)),
      insert: (rowAt) => promise((index) => execute(call(insertWritten, valuesOf(rowAt(index)), true))),
      insertTen: (rowAt) =>
        promise(async (index) => {
          const [first, ...rest] = tenFrom(rowAt, index)
          await execute({ ...call(insertWritten, valuesOf(first!), true), prelude: ["BEGIN IMMEDIATE"] })
          for (const row of rest) await execute(call(insertWritten, valuesOf(row), true))
          await answerOf<void>((done) => connection.commit(done))
        }),
      heavy: (limit) => promise(async () => (await execute(call(heavySql, [limit]))).cells[0] as number),
      pragma: async (name) => (await execute(call(`PRAGMA ${name}`, []))).cells[0],
      close: () => new Promise((resolve) => connection.close(resolve)),
    }
  }
