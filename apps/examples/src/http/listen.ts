import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { currentRuntime } from "../process/current-runtime.ts"
import type { Address } from "./servers/address.ts"

/** The server cannot listen at its address. */
export class ListenError extends Data.TaggedError("ListenError")<{
  readonly message: string
  readonly cause: unknown
}> {}

/** Each runtime's server is imported only where it runs: the modules of the others cannot all be loaded there. */
const serverOf = (address: Address) => {
  switch (currentRuntime) {
    case "node":
      return Effect.promise(async () => (await import("./servers/node-server.ts")).nodeServer(address))
    case "bun":
      return Effect.promise(async () => (await import("./servers/bun-server.ts")).bunServer(address))
    case "deno":
      return Effect.promise(async () => (await import("./servers/deno-server.ts")).denoServer(address))
  }
}

const listenError = ({ host, port }: Address, failure: unknown): ListenError => {
  const cause = failure instanceof HttpServerError.ServeError ? failure.cause : failure
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ListenError({
    message: `Cannot listen on ${host}, port ${port} (${reason}). Set HOST and PORT to where nothing listens yet.`,
    cause,
  })
}

/** The own server of the runtime that runs this program. It listens until the scope closes. */
export const listen = (address: Address) =>
  Layer.unwrapEffect(serverOf(address)).pipe(
    // Bun and Deno throw where Node emits an error event.
    Layer.catchAllCause(
      (cause): Layer.Layer<unknown, ListenError> =>
        Cause.isInterruptedOnly(cause)
          ? Layer.failCause(cause as Cause.Cause<never>)
          : Layer.fail(listenError(address, Cause.squash(cause))),
    ),
  )
