/** What the two ends of a line say to each other. Ids are the worker's numbers of its requests. */

/** Worker to loop: run a handler. Extra: the call on whose behalf. Payload: `[name, args, synchronous]`. */
export const RUN = 1
/** Worker to loop: cancel a request. */
export const CANCEL = 2
/** Loop to worker: what the handler gave. */
export const VALUE = 3
/** Loop to worker: what the handler failed with or threw, as a portrait. */
export const THREW = 4
/** Loop to worker: the handler was interrupted. */
export const CANCELLED = 5
/** Loop to worker: the request could not be served. Payload: `[reason, detail]`. */
export const REFUSED = 6

/** Why the loop did not serve a request, or why it was not sent. */
export type Refusal = "NoPortal" | "Closed" | "UnknownHandler" | "Deadlock" | "NotSynchronous" | "Unsendable"

/** How a request ended. */
export type Answer =
  | { readonly how: "value"; readonly value: unknown }
  | { readonly how: "threw"; readonly thrown: unknown }
  | { readonly how: "cancelled" }
  | { readonly how: "refused"; readonly reason: Refusal; readonly detail: string }

/** Shorthand for a refusal. */
export const refused = (reason: Refusal, detail: string): Answer => ({ how: "refused", reason, detail })

/** The answer of a portal that is closed. */
export const closed = refused("Closed", "the portal is closed: the scope that made it has ended")
