import { Worker } from "node:worker_threads"
import { fileUrl } from "../../../peers/load.mjs"
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { type HopPool, noStreams, type TaskName } from "./pool.ts"

type Remote = Readonly<Record<TaskName, (argument?: unknown) => Promise<unknown>>>

export const open = async (): Promise<HopPool> => {
  const { wrap } = await peer<{ wrap(endpoint: unknown): Remote }>("comlink")
  const { default: nodeEndpoint } = await peer<{ default(worker: Worker): unknown }>(
    "comlink/dist/esm/node-adapter.mjs",
  )
  const worker = new Worker(new URL(fileUrl("./workers/comlink.mjs")))
  const remote = wrap(nodeEndpoint(worker))
  return {
    task: (name, argument) => promise(() => remote[name](argument)),
    stream: noStreams,
    close: async () => {
      await worker.terminate()
    },
  }
}
