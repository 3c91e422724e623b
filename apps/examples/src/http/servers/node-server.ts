import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type { Address } from "./address.ts"

/** Node's own server. */
export const nodeServer = ({ host, port }: Address) => NodeHttpServer.layer(() => createServer(), { port, host })
