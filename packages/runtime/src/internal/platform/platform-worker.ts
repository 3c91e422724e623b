/** The loop's side of a worker of `@effect/platform`: its messages go through a port of their own. */
import { MessageChannel, type MessagePort, type Transferable } from "node:worker_threads"
import * as Worker from "@effect/platform/Worker"
import { WorkerError } from "@effect/platform/WorkerError"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { BackendService, ThreadBackend } from "../backend/service.ts"
import type { ThreadExit } from "../backend/thread.ts"

interface Thread {
  readonly postMessage: (message: unknown, transfer?: ReadonlyArray<Transferable>) => void
  readonly port: MessagePort
  readonly exit: Deferred.Deferred<ThreadExit>
}

/** Spawns threads of the backend. `grace` is how long one may take to end after it was told to. */
export const platformWorker = (backend: BackendService, grace: Duration.Duration): Worker.PlatformWorker =>
  backend.inline
    ? {
        [Worker.PlatformWorkerTypeId]: Worker.PlatformWorkerTypeId,
        spawn: () =>
          Effect.fail(
            new WorkerError({
              reason: "spawn",
              cause: new Error("InlineBackend has no threads: provide Backend.layer for workers of @effect/platform"),
            }),
          ),
      }
    : Worker.makePlatform<URL>()({
        setup: ({ worker, scope }) => Effect.flatMap(start(backend, worker), (thread) => scoped(thread, scope, grace)),
        listen: ({ port: { port, exit }, emit, deferred, scope }) => {
          port.on("message", emit)
          port.on("messageerror", (cause) => {
            Deferred.unsafeDone(deferred, Effect.fail(new WorkerError({ reason: "decode", cause })))
          })
          return Deferred.await(exit).pipe(
            Effect.flatMap(({ code, cause }) =>
              Deferred.fail(
                deferred,
                new WorkerError({
                  reason: "unknown",
                  cause: cause ?? new Error(`The thread ended with code ${code}`),
                }),
              ),
            ),
            // The region around it is not, and what cannot be interrupted would keep the scope from closing.
            Effect.interruptible,
            Effect.forkIn(scope),
            Effect.asVoid,
          )
        },
      })

interface Started extends Thread {
  readonly terminate: () => void
  readonly release: () => void
}

const start = (backend: ThreadBackend, entry: URL): Effect.Effect<Started, WorkerError> =>
  Effect.flatMap(Deferred.make<ThreadExit>(), (exit) =>
    Effect.try({
      try: () => {
        const thread = backend.spawnThread({ entry, name: "@effect/platform worker", data: {} })
        thread.onExit((how) => Deferred.unsafeDone(exit, Effect.succeed(how)))
        const { port1: port, port2 } = new MessageChannel()
        thread.port.postMessage(port2, [port2])
        return {
          exit,
          port,
          postMessage: (message, transfer) => port.postMessage(message, transfer),
          terminate: () => thread.terminate(),
          release: () => {
            port.close()
            thread.release()
          },
        }
      },
      catch: (cause) => new WorkerError({ reason: "spawn", cause }),
    }),
  )

// The runner may have finalizers to run, so it is asked first.
const scoped = (thread: Started, scope: Scope.Scope, grace: Duration.Duration): Effect.Effect<Thread> =>
  Effect.sync(() => thread.postMessage([1])).pipe(
    Effect.zipRight(Deferred.await(thread.exit)),
    Effect.interruptible,
    Effect.timeoutOption(grace),
    Effect.onExit(() => Effect.sync(thread.terminate)),
    Effect.ensuring(Effect.sync(thread.release)),
    (end) => Effect.as(Scope.addFinalizer(scope, end), thread),
  )
