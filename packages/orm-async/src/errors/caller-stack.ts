import { dropInternalFrames, framesOf, isOwn, ownFrames, setFrames } from "./frames.ts"
import { isTypedError } from "./typed-error.ts"

/** Errors that name the caller's line already: one error can be that of many calls. */
const placed = new WeakSet<object>()

/** Errors of this library whose caller is not known yet: an outer call may know it. */
const unplaced = new WeakSet<object>()

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

/** {@link placeError} for a call that fails before it returns: its caller is on the stack of `made`. */
export const placeHere = (error: unknown, made: Error): unknown => {
  if (!isTypedError(error) || placed.has(error)) return error
  const frames = ownFrames(made.stack)
  if (frames.length === 0) return error
  placed.add(error)
  setFrames(error, frames)
  return error
}

/** Leaves out the frames of this library, where nobody can be found who called: an Effect runs on a fiber. */
export const placeNowhere = (error: Error): void => {
  if (placed.has(error)) return
  placed.add(error)
  dropInternalFrames(error)
}

const replaceStack = (error: Error, made: Error): Error => {
  // The first frame is the async function itself.
  const [, ...outside] = framesOf(made.stack)
  const callers = outside.filter(isOwn)
  if (callers.length > 0) placed.add(error)
  else unplaced.add(error)
  setFrames(error, callers.length > 0 ? callers : ownFrames(error.stack))
  return error
}

/** An error of the program's own keeps its stack. */
export const keepStack = (error: unknown): void => {
  if (typeof error === "object" && error !== null && !unplaced.has(error)) placed.add(error)
}
