/** Requests to a server over connections that stay open. */
import { Agent, get } from "node:http"

export interface Client {
  /** The body of an answer with status 200; anything else fails. */
  readonly get: (path: string) => Promise<unknown>
  readonly close: () => void
}

export const connectTo = (url: string, connections: number): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    get: (path) =>
      new Promise((resolve, reject) => {
        const request = get(`${url}${path}`, { agent }, (response) => {
          let body = ""
          response.setEncoding("utf8")
          response.on("data", (text) => {
            body += text
          })
          response.on("error", reject)
          response.on("end", () =>
            response.statusCode === 200
              ? resolve(JSON.parse(body))
              : reject(new Error(`${path} answered ${response.statusCode}: ${body.slice(0, 200)}`)),
          )
        })
        request.on("error", reject)
      }),
    close: () => agent.destroy(),
  }
}
