/** Matches frames that say nothing to a reader: those of the runtime's modules, of the installed library and of its drivers. */
const internalFrame = /\bnode:|node_modules[/\\](@offloop|better-sqlite3|postgres)[/\\]/

/** The lines of a stack below its message. */
export const framesOf = (stack: string | undefined): Array<string> =>
  stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? []

/** The folder of this library's sources where they run unbuilt. */
const sources = /^file:\/\/(.*\/src\/)errors\/frames\.ts$/.exec(import.meta.url)?.[1]

// The contract suite is a program that uses the library.
const isSource = (frame: string): boolean =>
  sources !== undefined && frame.includes(sources) && !frame.includes(`${sources}testing/`)

/** True if a frame is the program's own. */
export const isOwn = (frame: string): boolean => !internalFrame.test(frame) && !isSource(frame)

/** The frames of a stack that are the program's own. */
export const ownFrames = (stack: string | undefined): Array<string> => framesOf(stack).filter(isOwn)

/** Leaves only the program's own frames in an error's stack. */
export const dropInternalFrames = (error: Error): void => setFrames(error, ownFrames(error.stack))

/** Gives an error a stack of these frames, below its message. */
export const setFrames = (error: Error, frames: ReadonlyArray<string>): void => {
  Object.defineProperty(error, "stack", {
    value: [`${error.name}: ${error.message}`, ...frames].join("\n"),
    writable: true,
    enumerable: false,
    configurable: true,
  })
}
