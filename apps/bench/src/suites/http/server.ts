/** The example API in a process of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { launch } from "../../../../../scripts/runtimes.ts"
import type { Runtime } from "../../model.ts"

const program = fileURLToPath(new URL("../../../../examples/src/http/main.ts", import.meta.url))

export interface Server {
  readonly url: string
  readonly stop: () => Promise<void>
}

const killAfterMs = 5_000

/** @param cities the number that the empty database is filled with before the server listens. */
export const startServer = async (
  runtime: Runtime,
  database: string,
  placement: string,
  cities: number,
): Promise<Server> => {
  const { executable, args } = launch(runtime)
  const child = spawn(executable, [...args, program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      DATABASE_URL: `sqlite:///${database}`,
      PLACEMENT: placement,
      HOST: "127.0.0.1",
      PORT: "0",
      CITIES: String(cities),
    },
  })
  const closed = once(child, "close")
  const end = () => child.kill("SIGKILL")
  process.once("exit", end)
  child.once("close", () => process.off("exit", end))
  let printed = ""
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (text: string) => {
      printed = (printed + text).slice(-4_000)
      const found = /Listening on (http:\/\/[\w.:]+)/.exec(printed)
      if (found !== null) resolve(found[1]!)
    }
    child.stdout.setEncoding("utf8").on("data", listen)
    child.stderr.setEncoding("utf8").on("data", listen)
    child.on("error", reject)
    child.on("close", (code) => reject(new Error(`the server ended with code ${code}: ${printed.trim().slice(-400)}`)))
  })
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM")
      const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs)
      await closed
      clearTimeout(timer)
    },
  }
}
