import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import postgresJs from "postgres"
import { onTestFinished } from "vitest"

/** The server that the tests run on. */
export const serverUrl = (): string => {
  const url = process.env.OFFLOOP_TEST_PG_URL
  if (url === undefined || url === "") {
    throw new Error(
      "OFFLOOP_TEST_PG_URL names no server. Run the tests with `npx pnpm@12 test`, or start one with " +
        "`node scripts/postgres.ts` and set OFFLOOP_TEST_PG_URL to the URL that it prints.",
    )
  }
  return url
}

/** Runs SQL on the server behind the driver's back. */
export const administer = async (sql: string): Promise<void> => {
  const client = postgresJs(serverUrl(), { max: 1, onnotice: () => {} })
  try {
    await client.unsafe(sql)
  } finally {
    await client.end({ timeout: 5 })
  }
}

/** Starts a server whose handling of clients the test decides; it ends with the test. */
export const serverThat = async (treats: (client: Socket) => void): Promise<number> => {
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    client.on("error", () => {})
    treats(client)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    for (const client of clients) client.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A proxy of the server that a test can make silent. */
export interface Network {
  readonly port: number
  /** Stops forwarding: nothing arrives in either direction any more, and no connection is closed. */
  swallow(): void
}

/** Starts a proxy of the server, which can fail without closing a connection. */
export const startNetwork = async (): Promise<Network> => {
  const server = new URL(serverUrl())
  let isDead = false
  const port = await serverThat((client) => {
    const upstream = connect(Number(server.port), server.hostname)
    upstream.on("error", () => client.destroy())
    client.on("close", () => upstream.destroy())
    client.on("data", (chunk) => {
      if (!isDead) upstream.write(chunk)
    })
    upstream.on("data", (chunk) => {
      if (!isDead) client.write(chunk)
    })
  })
  return {
    port,
    swallow: () => {
      isDead = true
    },
  }
}
