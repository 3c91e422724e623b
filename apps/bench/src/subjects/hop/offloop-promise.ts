/** `runSync` of the Promise API over a pool of one thread: the shape in which the pools of others are called. */
import { OffLoop, Task } from "@offloop/runtime/promise"
import { promise } from "../../measure/operation.ts"
import { type HopPool, tasksUrl } from "./pool.ts"
import { digest } from "./tasks.ts"

const tasks = Task.fromModule<typeof import("./tasks.ts")>(tasksUrl)

export const open = async (): Promise<HopPool> => {
  const pool = await OffLoop.open({ minThreads: 1, maxThreads: 1 })
  return {
    task: (name, argument) =>
      promise<unknown>(() =>
        name === "echo" ? pool.runSync(tasks.echo, argument!) : pool.runSync(tasks[name] as Task.Task<[], unknown>),
      ),
    stream: (count) =>
      promise(async () => {
        let sum = 0
        for await (const item of pool.stream(tasks.numbers, count)) sum = digest(sum, item)
        return sum
      }),
    close: () => pool.close(),
  }
}
