import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { type HopPool, noStreams, tasksUrl } from "./pool.ts"

interface Piscina {
  run(argument: unknown, options: { name: string }): Promise<unknown>
  destroy(): Promise<void>
}

export const open = async (): Promise<HopPool> => {
  const { Piscina } = await peer<{ Piscina: new (options: object) => Piscina }>("piscina")
  const pool = new Piscina({ filename: tasksUrl.href, minThreads: 1, maxThreads: 1 })
  return {
    task: (name, argument) => {
      const options = { name }
      return promise(() => pool.run(argument, options))
    },
    stream: noStreams,
    close: () => pool.destroy(),
  }
}
