/** Serves the requests of calls from a worker with plain functions that answer by a callback. */
import { activity } from "./activity.ts"
import type { Host, How } from "./host.ts"
import { type Answer, refused } from "./messages.ts"

/** How a handler ended. */
export type HandlerExit<A> = { readonly ok: true; readonly value: A } | { readonly ok: false; readonly error: unknown }

/** Answers the request. The first answer counts; an answer to a cancelled request is dropped. */
export type Respond<A> = (exit: HandlerExit<A>) => void

/** Sets what stops the handler when its request is cancelled. Without it the handler goes on, and its answer is dropped. */
export type OnCancel = (stop: () => void) => void

/** A function that a worker can call. What it throws is its answer. */
export type Handler<Args extends ReadonlyArray<unknown>, A> = (
  args: Args,
  respond: Respond<A>,
  onCancel: OnCancel,
) => void

/** Handlers by the names under which a worker calls them. */
export type Handlers = Readonly<Record<string, Handler<never, unknown>>>

const ignore = (): void => {}

/** Serves with these handlers. */
export const callbackHost = (handlers: Handlers): Host => ({
  run: (name, args, how, onAnswer) => {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
    if (handler === undefined) {
      const names = Object.keys(handlers).join(", ")
      onAnswer(refused("UnknownHandler", `the portal has no such handler: its handlers are ${names || "none"}`))
      return ignore
    }
    return runHandler(handler, args, how, onAnswer)
  },
})

const runHandler = (
  handler: Handler<never, unknown>,
  args: ReadonlyArray<unknown>,
  how: How,
  onAnswer: (answer: Answer) => void,
): (() => void) => {
  let answered = false
  let stop = ignore
  const answer = (given: Answer): void => {
    if (answered) return
    answered = true
    activity.handlers--
    onAnswer(given)
  }
  const cancel = (given: Answer): void => {
    if (answered) return
    answer(given)
    stop()
  }
  activity.handlers++
  try {
    handler(
      args as never,
      (exit) => answer(exit.ok ? { how: "value", value: exit.value } : { how: "threw", thrown: exit.error }),
      (given) => {
        stop = given
      },
    )
  } catch (thrown) {
    answer({ how: "threw", thrown })
  }
  if (how !== "forked") cancel(tooLate(how))
  return () => cancel({ how: "cancelled" })
}

const tooLate = (how: How): Answer =>
  how === "synchronous"
    ? refused("NotSynchronous", "the handler did not answer before it returned. Use run, or a handler that does")
    : refused(
        "Deadlock",
        "the handler did not answer before it returned, and the loop's own thread, on which this code runs, would wait " +
          'for it. Give the work a thread with the placement "worker", or use a handler that answers at once',
      )
