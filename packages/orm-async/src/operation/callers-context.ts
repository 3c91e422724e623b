/**
 * Gives a function that calls `tell`, once, in the async context of now: what the program's `AsyncLocalStorage`s hold.
 * Answers arrive in a turn of the loop that belongs to another caller, or to nobody. It is told in a microtask, because
 * runtimes carry the context through a promise for a tenth of what capturing it by other means takes.
 */
export const inCallersContext = <A>(tell: (value: A) => void): ((value: A) => void) => {
  let settle!: (value: A) => void
  new Promise<A>((resolve) => {
    settle = resolve
  }).then(tell)
  return settle
}
