/** An object that lives in one worker: what drivers are built on. */
import { Backend, InlineBackend, Resident } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { effectOperation, promise } from "../../measure/operation.ts"
import { CannotTakePart } from "../../suite.ts"
import type { HopPool } from "./pool.ts"
import type * as Tasks from "./tasks.ts"
import { digest } from "./tasks.ts"

type HopTasks = Pick<typeof Tasks, "empty" | "echo" | "rows" | "numbers">
type HopResident = Resident.Resident<HopTasks>

const makeResident = Resident.make<undefined, HopTasks>(
  { module: new URL("./offloop-resident-worker.ts", import.meta.url).href, name: "makeTasks" },
  undefined,
)

const openResident = async () => {
  const scope = await Effect.runPromise(Scope.make())
  const resident = await Effect.runPromise(makeResident.pipe(Scope.extend(scope), Effect.provide(Backend.layer)))
  return { scope, resident, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

const poolOf = (resident: HopResident, close: () => Promise<void>): HopPool => ({
  task: (name, argument) =>
    effectOperation(Effect, () =>
      name === "echo" ? resident.call(name, argument!) : (resident.call(name) as Effect.Effect<unknown, unknown>),
    ),
  stream: (count) => {
    const numbers = Stream.runFold(resident.stream("numbers", count), 0, digest)
    return effectOperation(Effect, () => numbers)
  },
  close,
})

/** Calls as Effects, the way a program makes them. */
export const open = async (): Promise<HopPool> => {
  const { resident, close } = await openResident()
  return poolOf(resident, close)
}

/** The number of idle residents beside the one that is called, and of those among them with a thread of their own. */
const idle = { threads: 24, inline: 976 }

/** The same beside a thousand others. As many threads would need gigabytes, so most live on the loop's own thread. */
export const openAmong = async (): Promise<HopPool> => {
  const { scope, resident, close } = await openResident()
  const another = makeResident.pipe(Scope.extend(scope))
  const others = (count: number) => Effect.replicateEffect(another, count, { concurrency: 4 })
  const all = await Effect.runPromise(
    Effect.zipWith(
      Effect.provide(others(idle.threads), Backend.layer),
      Effect.provide(others(idle.inline), InlineBackend.layer),
      (threads, inline) => [...threads, ...inline],
    ),
  )
  // Each has answered once: what it keeps for the next call is there.
  await Effect.runPromise(Effect.forEach(all, (one) => one.call("empty"), { discard: true }))
  const onlyEmpty = (): never => {
    throw new CannotTakePart("it takes part where the smallest calls are timed")
  }
  const { task } = poolOf(resident, close)
  return { task: (name) => (name === "empty" ? task(name, undefined) : onlyEmpty()), stream: onlyEmpty, close }
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
    stream: () => {
      throw new CannotTakePart("a resident's stream is read as a Stream alone: see offloop resident")
    },
    close,
  }
}
