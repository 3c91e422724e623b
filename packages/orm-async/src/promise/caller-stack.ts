import { isTypedError } from "../operation/typed-error.ts"

/** Errors that name the caller's line already: one error can be that of many calls. */
const placed = new WeakSet<object>()

/** The lines of a stack below its message, in the notation of V8 or of JavaScriptCore. */
const framesOf = (stack: string | undefined): Array<string> =>
  stack?.split("\n").filter((line) => /^\s+at /.test(line) || /@/.test(line)) ?? []

/**
 * Gives a typed error the stack of whoever awaits the call that failed. The error itself was made where an answer arrived,
 * which says nothing to the reader.
 *
 * @param made an error made in the async function that the caller awaits, after its first `await`: engines know there who
 *   awaits it, so that a call that succeeds need not remember its caller, which would take longer than the call
 */
export const placeError = (error: unknown, made: Error): unknown =>
  isTypedError(error) && !placed.has(error) ? replaceStack(error, made) : error

/** {@link placeError} for an error of a call that this library awaited itself on behalf of its caller. */
export const placeAgain = (error: unknown, made: Error): unknown =>
  isTypedError(error) ? replaceStack(error, made) : error

const replaceStack = (error: Error, made: Error): Error => {
  placed.add(error)
  const [, ...frames] = framesOf(made.stack)
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

/** An error of the program's own keeps its stack. */
export const keepStack = (error: unknown): void => {
  if (typeof error === "object" && error !== null) placed.add(error)
}
