/** The modules that a bundle holds, by name, and the file that its threads start with. */

/** A module's exports, or how to load them. */
export type Source = object | (() => Promise<object>)

interface Registry {
  readonly modules: Map<string, Source>
  entry: string | undefined
}

// By a global symbol, because a bundle can have this module twice: with the program and with its threads' entry.
const key = Symbol.for("@offloop/runtime/threads")
const holder = globalThis as { [key]?: Registry }
holder[key] ??= { modules: new Map(), entry: undefined }
const registry = holder[key]

/** The file that threads start with, if the program named one. */
export const namedEntry = (): string | undefined => registry.entry

/** Names the file that threads start with, and the modules that it holds. */
export const nameEntry = (entry: string, modules: Readonly<Record<string, Source>>): void => {
  registry.entry = entry
  for (const [name, source] of Object.entries(modules)) registry.modules.set(name, source)
}

/** The module of a name. */
export const registered = (name: string): Source | undefined => registry.modules.get(name)

/** All names. */
export const registeredNames = (): ReadonlyArray<string> => [...registry.modules.keys()]
