/** An object that lives in one worker: what drivers are built on. */
import { Backend, Resident } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { effectOperation, promise } from "../../measure/operation.ts"
import type { HopPool } from "./pool.ts"
import type * as Tasks from "./tasks.ts"

type HopTasks = Pick<typeof Tasks, "empty" | "echo" | "rows">

const openResident = async () => {
  const scope = await Effect.runPromise(Scope.make())
  const resident = await Effect.runPromise(
    Resident.make<undefined, HopTasks>(
      { module: new URL("./offloop-resident-worker.ts", import.meta.url).href, name: "makeTasks" },
      undefined,
    ).pipe(Effect.provideService(Scope.Scope, scope), Effect.provide(Backend.layer)),
  )
  return { resident, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

/** Calls as Effects, the way a program makes them. */
export const open = async (): Promise<HopPool> => {
  const { resident, close } = await openResident()
  return {
    task: (name, argument) =>
      effectOperation(Effect, () =>
        name === "echo" ? resident.call(name, argument!) : (resident.call(name) as Effect.Effect<unknown, unknown>),
      ),
    close,
  }
}

/** Calls by `unsafeCall`, the way a driver makes them. */
export const openWithCallbacks = async (): Promise<HopPool> => {
  const { resident, close } = await openResident()
  return {
    task: (name, argument) => {
      const args: [] = (name === "echo" ? [argument!] : []) as unknown as []
      return promise(
        () =>
          new Promise((resolve, reject) => {
            resident.unsafeCall(name as "empty", args, (exit) => (exit.ok ? resolve(exit.value) : reject(exit.error)))
          }),
      )
    },
    close,
  }
}
