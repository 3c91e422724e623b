/** Makes errors point at who made the call: they are made where an answer arrives, which says nothing to who reads them. */

/** Where a call was made: its stack is read only if the call fails. */
export interface Caller {
  readonly stack?: string
}

/** Remembers who called the function that is given. */
export const callerOf = (called: (...args: never) => unknown): Caller => {
  const caller: Caller = {}
  Error.captureStackTrace(caller, called)
  return caller
}

/** Who called an async function, or awaits its promise, from an error made in it. */
export const outsideOf = (made: Error): Caller => {
  const [, ...others] = framesOf(made)
  return { stack: others.join("\n") }
}

const framesOf = ({ stack }: Caller): string[] =>
  stack?.split("\n").filter((line) => /^\s+at /.test(line) || /@/.test(line)) ?? []

/** Errors that point at who made the call already: one error can be that of many calls. */
const placed = new WeakSet<object>()

/** An error, as who made the call reads it. Errors of the program are left alone. */
export const calledFrom = (error: unknown, caller: Caller): unknown => {
  if (!(error instanceof Error) || !("_tag" in error) || placed.has(error)) return error
  placed.add(error)
  const frames = framesOf(caller)
  if (frames.length > 0) {
    Object.defineProperty(error, "stack", {
      value: `${error.name}: ${error.message}\n${frames.join("\n")}`,
      writable: true,
      enumerable: false,
      configurable: true,
    })
  }
  return error
}
