/** Statements, compiler, engine, pool and result of the Effect API, over a driver without a database. */
import { createAsyncEngine } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { effectOperation } from "../../measure/operation.ts"
import { atOnceDriver } from "./at-once-driver.ts"
import { compiling, selectByKey } from "./compiled.ts"
import type { OpenCore } from "./subject.ts"

const open = async () => {
  const scope = await Effect.runPromise(Scope.make())
  const engine = await Effect.runPromise(
    createAsyncEngine("sqlite://", { driver: atOnceDriver, isolationLevel: "AUTOCOMMIT" }).pipe(Scope.extend(scope)),
  )
  return { engine, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

/** Each operation takes a connection from the pool in a scope of its own, which gives it back. */
export const openOffloop: OpenCore = async () => {
  const { engine, close } = await open()
  return {
    ...compiling(),
    execute: (idAt) =>
      effectOperation(Effect, (index) =>
        Effect.scoped(
          Effect.flatMap(engine.connect, (open) =>
            Effect.map(open.execute(selectByKey(idAt(index))), (result) => result.first()),
          ),
        ),
      ),
    close,
  }
}

/** Each operation is a one-shot statement. */
export const openOffloopEffectEngine: OpenCore = async () => {
  const { engine, close } = await open()
  return {
    ...compiling(),
    execute: (idAt) =>
      effectOperation(Effect, (index) =>
        Effect.map(engine.execute(selectByKey(idAt(index))), (result) => result.first()),
      ),
    close,
  }
}
