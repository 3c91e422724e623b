import { fileURLToPath } from "node:url"
import { fileUrl } from "../../../peers/load.mjs"
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { HopPool } from "./pool.ts"
import { digest } from "./tasks.ts"

interface Pool {
  exec(name: string, args: ReadonlyArray<unknown>, options?: { on: (payload: number) => void }): Promise<unknown>
  terminate(force: boolean): Promise<unknown>
}

export const open = async (): Promise<HopPool> => {
  const { default: workerpool } = await peer<{ default: { pool(script: string, options: object): Pool } }>("workerpool")
  const pool = workerpool.pool(fileURLToPath(fileUrl("./workers/workerpool.mjs")), {
    workerType: "thread",
    minWorkers: 1,
    maxWorkers: 1,
  })
  return {
    task: (name, argument) => {
      const args = argument === undefined ? [] : [argument]
      return promise(() => pool.exec(name, args))
    },
    stream: (count) =>
      promise(async () => {
        let sum = 0
        await pool.exec("numbers", [count], {
          on: (item) => {
            sum = digest(sum, item)
          },
        })
        return sum
      }),
    close: async () => {
      await pool.terminate(true)
    },
  }
}
