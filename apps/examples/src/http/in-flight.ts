import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Longer than this a server that was told to stop does not wait for answers. */
const patience = Duration.seconds(10)

/** The requests that are being answered, so that a server can let them end before it stops. */
export class InFlight extends Context.Tag("@offloop/examples/InFlight")<
  InFlight,
  {
    readonly middleware: <E, R>(app: HttpApp.Default<E, R>) => HttpApp.Default<E, R>
    /** Refuses new requests and waits, at most ten seconds, until the running ones were answered. */
    readonly drain: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    InFlight,
    Effect.gen(function* () {
      const drained = yield* Deferred.make<void>()
      let running = 0
      let draining = false
      const enter = Effect.sync(() => {
        running += 1
      })
      const leave = Effect.suspend(() => {
        running -= 1
        return draining && running === 0 ? Deferred.succeed(drained, undefined) : Effect.void
      })
      const refusal = HttpServerResponse.text("The server is stopping.", {
        status: 503,
        headers: { connection: "close", "retry-after": "1" },
      })
      return {
        middleware: (app) =>
          Effect.suspend(() =>
            draining
              ? Effect.succeed(refusal)
              : Effect.acquireUseRelease(
                  enter,
                  () => app,
                  () => leave,
                ),
          ),
        drain: Effect.suspend(() => {
          draining = true
          return running === 0
            ? Effect.void
            : Deferred.await(drained).pipe(
                // Finalizers run uninterruptibly, and what cannot be interrupted cannot time out.
                Effect.interruptible,
                Effect.timeoutOption(patience),
                Effect.asVoid,
              )
        }),
      }
    }),
  )
}
