/** The thread's side of a worker of `@effect/platform`. */
import { isMainThread, MessagePort, type Transferable, workerData } from "node:worker_threads"
import { WorkerError } from "@effect/platform/WorkerError"
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"

// The loop posts the port for the requests as the first message of the thread's own.
const takePort = (own: MessagePort): Effect.Effect<MessagePort> =>
  Effect.async((resume) => {
    own.once("message", (port: MessagePort) => {
      own.close()
      resume(Effect.succeed(port))
    })
  })

const ownPort: Effect.Effect<MessagePort, WorkerError> = Effect.suspend(() => {
  const port = (workerData as { readonly port?: unknown } | null)?.port
  return !isMainThread && port instanceof MessagePort
    ? Effect.succeed(port)
    : Effect.fail(
        new WorkerError({
          reason: "spawn",
          cause: new Error(
            "This is not a thread that ThreadWorker started: launch the runner in the module given to it",
          ),
        }),
      )
})

/** Takes requests from the loop that started this thread. */
export const platformRunner: WorkerRunner.PlatformRunner = WorkerRunner.PlatformRunner.of({
  [WorkerRunner.PlatformRunnerTypeId]: WorkerRunner.PlatformRunnerTypeId,
  start: <I, O>(closeLatch: Deferred.Deferred<void, WorkerError>) =>
    Effect.map(
      Effect.flatMap(ownPort, takePort),
      (port): WorkerRunner.BackingRunner<I, O> => ({
        send: (_portId, message, transfers) =>
          // What throws here is a defect of the request: the runner reports it to the loop.
          Effect.sync(() => port.postMessage([1, message], transfers as ReadonlyArray<Transferable> | undefined)),
        // biome-ignore lint/suspicious/noConfusingVoidType: this is how @effect/platform types it.
        run: <A, E, R>(handler: (portId: number, message: I) => Effect.Effect<A, E, R> | void) =>
          Effect.gen(function* () {
            const runtime = yield* Effect.interruptible(Effect.runtime<R | Scope.Scope>())
            const fork = Runtime.runFork(
              Runtime.updateContext(runtime, Context.omit(Scope.Scope)) as Runtime.Runtime<R>,
            )
            const fibers = yield* FiberSet.make<A, E>()
            const crash = (exit: Exit.Exit<A, E>): void => {
              if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) {
                Deferred.unsafeDone(closeLatch, Exit.die(Cause.squash(exit.cause)))
              }
            }
            port.on("message", (message: WorkerRunner.BackingRunner.Message<I>) => {
              if (message[0] === 1) {
                port.close()
                Deferred.unsafeDone(closeLatch, Exit.void)
                return
              }
              const handled = handler(0, message[1])
              if (!Effect.isEffect(handled)) return
              const fiber = fork(handled)
              fiber.addObserver(crash)
              FiberSet.unsafeAdd(fibers, fiber)
            })
            port.on("messageerror", (cause) => {
              Deferred.unsafeDone(closeLatch, Exit.fail(new WorkerError({ reason: "decode", cause })))
            })
            port.postMessage([0])
          }),
      }),
    ),
})
