import * as BunHttpServer from "@effect/platform-bun/BunHttpServer"
import type { Address } from "./address.ts"

/** Bun's own server. */
export const bunServer = ({ host, port }: Address) =>
  // A report may take longer to compute than the ten seconds after which Bun drops a silent connection.
  BunHttpServer.layer({ port, hostname: host, idleTimeout: 120 })
