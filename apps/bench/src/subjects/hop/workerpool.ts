import { fileURLToPath } from "node:url"
import { fileUrl } from "../../../peers/load.mjs"
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import type { HopPool } from "./pool.ts"

interface Pool {
  exec(name: string, args: ReadonlyArray<unknown>): Promise<unknown>
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
    close: async () => {
      await pool.terminate(true)
    },
  }
}
