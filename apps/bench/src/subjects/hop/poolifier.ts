import { fileURLToPath } from "node:url"
import { fileUrl } from "../../../peers/load.mjs"
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { type HopPool, noStreams } from "./pool.ts"

interface Pool {
  execute(argument: unknown, name: string): Promise<unknown>
  destroy(): Promise<void>
}

export const open = async (): Promise<HopPool> => {
  const { FixedThreadPool } = await peer<{
    FixedThreadPool: new (threads: number, script: string, options: object) => Pool
  }>("poolifier")
  const pool = new FixedThreadPool(1, fileURLToPath(fileUrl("./workers/poolifier.mjs")), {})
  return {
    task: (name, argument) => promise(() => pool.execute(argument, name)),
    stream: noStreams,
    close: () => pool.destroy(),
  }
}
