/** Statements, compiler, engine, pool and result of the Promise API, over a driver without a database. */
import { createAsyncEngine } from "@offloop/orm-async/promise"
import { promise } from "../../measure/operation.ts"
import { atOnceDriver } from "./at-once-driver.ts"
import { compiling, selectByKey } from "./compiled.ts"
import type { OpenCore } from "./subject.ts"

const open = () => createAsyncEngine("sqlite://", { driver: atOnceDriver, isolationLevel: "AUTOCOMMIT" })

/** Each operation takes a connection from the pool, and gives it back. */
export const openOffloopPromise: OpenCore = async () => {
  const engine = await open()
  return {
    ...compiling(),
    execute: (idAt) =>
      promise(async (index) => {
        await using connection = await engine.connect()
        return (await connection.execute(selectByKey(idAt(index)))).first()
      }),
    close: () => engine[Symbol.asyncDispose]() as Promise<void>,
  }
}

/** Each operation is a one-shot statement. */
export const openOffloopEngine: OpenCore = async () => {
  const engine = await open()
  return {
    ...compiling(),
    execute: (idAt) => promise(async (index) => (await engine.execute(selectByKey(idAt(index)))).first()),
    close: () => engine[Symbol.asyncDispose]() as Promise<void>,
  }
}
