/** What is behind a public portal: runs its handlers as fibers, each on behalf of the call that asked for it. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import { ParentSpan } from "effect/Tracer"
import { isThenable } from "../thenable.ts"
import { activity, type Held } from "./activity.ts"
import { boundHost } from "./bound-host.ts"
import type { Host, How } from "./host.ts"
import { held } from "./hosts.ts"
import { type Answer, closed, refused } from "./messages.ts"

/** A handler as it is run: the types of its arguments were checked where it was registered. */
export type AnyHandler = (...args: ReadonlyArray<unknown>) => unknown

const ignore = (): void => {}

export class Reception {
  readonly #handlers: ReadonlyMap<string, AnyHandler>
  readonly #runtime: Runtime.Runtime<never>
  readonly #running = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
  #open = true

  constructor(handlers: ReadonlyMap<string, AnyHandler>, runtime: Runtime.Runtime<never>) {
    this.#handlers = handlers
    this.#runtime = runtime
  }

  /** Takes no more requests. Gives the handlers that are running. */
  close(): ReadonlyArray<Fiber.RuntimeFiber<unknown, unknown>> {
    this.#open = false
    return [...this.#running]
  }

  /**
   * Serves one call. Its handlers see the log annotations, spans and other fiber refs of `caller`, and the services of
   * the portal; `waiting` is what is blocked until they answer.
   */
  host(caller: FiberRefs.FiberRefs | undefined, waiting: Held): Host {
    let runtime: Runtime.Runtime<never> | undefined
    return boundHost({
      run: (name, args, how, onAnswer) => {
        if (!this.#open) {
          onAnswer(closed)
          return ignore
        }
        const handler = this.#handlers.get(name)
        if (handler === undefined) {
          const names = [...this.#handlers.keys()].join(", ")
          onAnswer(refused("UnknownHandler", `the portal has no such handler: its handlers are ${names || "none"}`))
          return ignore
        }
        runtime ??= this.#runtimeFor(caller, waiting)
        const effect = Effect.suspend(() => toEffect(handler(...args)))
        if (how !== "forked") {
          activity.handlers++
          const answer = runNow(runtime, effect, how)
          activity.handlers--
          onAnswer(answer)
          return ignore
        }
        // Counted first: the fiber begins at once.
        activity.handlers++
        const fiber = Runtime.runFork(runtime)(effect)
        this.#running.add(fiber)
        fiber.addObserver((exit) => {
          this.#running.delete(fiber)
          activity.handlers--
          onAnswer(toAnswer(exit))
        })
        return () => fiber.unsafeInterruptAsFork(FiberId.none)
      },
    })
  }

  #runtimeFor(caller: FiberRefs.FiberRefs | undefined, waiting: Held): Runtime.Runtime<never> {
    const own = this.#runtime
    const from = caller ?? own.fiberRefs
    // The caller's span is among its services.
    const outer = Option.getOrElse(FiberRefs.get(from, FiberRef.currentContext), () => Context.empty())
    const context = Context.merge(outer, own.context) as Context.Context<never>
    const span = Context.getOption(outer as Context.Context<never>, ParentSpan)
    const fiberId = FiberId.none
    const fiberRefs = FiberRefs.updateAs(from, { fiberId, fiberRef: held, value: waiting })
    return Runtime.make({
      context: Option.isSome(span) ? Context.add(context, ParentSpan, span.value) : context,
      fiberRefs,
      runtimeFlags: own.runtimeFlags,
    })
  }
}

const toEffect = (value: unknown): Effect.Effect<unknown, unknown> => {
  if (Effect.isEffect(value)) return value as Effect.Effect<unknown, unknown>
  if (isThenable(value)) return Effect.tryPromise({ try: () => Promise.resolve(value), catch: (thrown) => thrown })
  return Effect.succeed(value)
}

const runNow = (runtime: Runtime.Runtime<never>, effect: Effect.Effect<unknown, unknown>, how: How): Answer => {
  const exit = Runtime.runSyncExit(runtime)(effect)
  const defect = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.dieOption(exit.cause)) : undefined
  if (!Runtime.isAsyncFiberException(defect)) return toAnswer(exit)
  // Nobody waits for it any more.
  defect.fiber.unsafeInterruptAsFork(FiberId.none)
  return how === "synchronous"
    ? refused("NotSynchronous", "the handler waits for something. Use run, or a handler that does not wait")
    : refused(
        "Deadlock",
        "the handler waits for something, and the loop's own thread, on which this code runs, would wait for it. " +
          "Give the work a thread with Backend.layer, or use a handler that does not wait",
      )
}

const toAnswer = (exit: Exit.Exit<unknown, unknown>): Answer => {
  if (Exit.isSuccess(exit)) return { how: "value", value: exit.value }
  if (Cause.isInterruptedOnly(exit.cause)) return { how: "cancelled" }
  return { how: "threw", thrown: Cause.squash(exit.cause) }
}
