import { readFileSync } from "node:fs"
import { type AddressInfo, connect, createServer } from "node:net"
import { createServer as createTlsServer } from "node:tls"
import { fileURLToPath } from "node:url"
import { serverUrl } from "./server.ts"

/** The certificate of the proxy, made for `localhost` and signed by itself. */
export const certificate = fileURLToPath(new URL("./fixtures/localhost-certificate.pem", import.meta.url))
const key = fileURLToPath(new URL("./fixtures/localhost-key.pem", import.meta.url))

/** A port that answers like a PostgreSQL server with TLS, and hands what it decrypts to the server of the tests. */
export const startTlsProxy = async (): Promise<{ readonly port: number; readonly stop: () => void }> => {
  const server = new URL(serverUrl())
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (client) => {
    const upstream = connect(Number(server.port), server.hostname)
    client.pipe(upstream).pipe(client)
    client.on("error", () => upstream.destroy())
    upstream.on("error", () => client.destroy())
  })
  // A refused client hangs up in the middle.
  tls.on("tlsClientError", () => {})
  const plain = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => {
      socket.write("S")
      tls.emit("connection", socket)
    })
  })
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve))
  return { port: (plain.address() as AddressInfo).port, stop: () => plain.close() }
}
