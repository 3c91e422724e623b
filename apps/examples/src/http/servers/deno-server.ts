import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Address } from "./address.ts"

type Handler = (request: Request) => Promise<Response>

/** The part of Deno that is used here. */
declare const Deno: {
  readonly serve: (
    options: { readonly hostname: string; readonly port: number; readonly onListen: () => void },
    handler: Handler,
  ) => {
    readonly addr: { readonly hostname: string; readonly port: number }
    /** Accepts no more, and waits until every request has been answered. */
    readonly shutdown: () => Promise<void>
  }
}

const notFound: Handler = async () => new Response(null, { status: 404 })

const make = ({ host, port }: Address) =>
  Effect.gen(function* () {
    let handler = notFound
    const server = yield* Effect.acquireRelease(
      Effect.sync(() => Deno.serve({ hostname: host, port, onListen: () => {} }, (request) => handler(request))),
      (server) => Effect.promise(() => server.shutdown()),
    )
    return HttpServer.make({
      address: { _tag: "TcpAddress", hostname: server.addr.hostname, port: server.addr.port },
      serve: (app, middleware) =>
        Effect.gen(function* () {
          const runtime = yield* Effect.runtime<never>()
          handler = HttpApp.toWebHandlerRuntime(runtime)(app as HttpApp.Default<unknown>, middleware)
          yield* Effect.addFinalizer(() =>
            Effect.sync(() => {
              handler = notFound
            }),
          )
        }),
    })
  })

/**
 * Deno's own server. Its imitation of `node:http` would do as well but for this: it never says that a response was sent
 * to a client that has gone, and such a request would never end.
 */
export const denoServer = (address: Address) =>
  Layer.mergeAll(Layer.scoped(HttpServer.HttpServer, make(address)), NodeHttpServer.layerContext)
