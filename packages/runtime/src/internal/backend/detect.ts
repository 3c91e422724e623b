/** Tells the runtimes apart, and says what is missing where threads cannot work. */
import { UnsupportedRuntimeError } from "../../errors.ts"
import type { ThreadBackend } from "./service.ts"

/** What there is to see of a runtime. */
export interface Surroundings {
  readonly bun: string | undefined
  readonly deno: string | undefined
  readonly node: string | undefined
  readonly sharedMemory: boolean
  readonly waitAsync: boolean
}

/** Looks around. */
export const surroundings = (): Surroundings => {
  const global = globalThis as {
    readonly Bun?: { readonly version: string }
    readonly Deno?: { readonly version: { readonly deno: string } }
    readonly process?: { readonly versions?: { readonly node?: string } }
  }
  return {
    bun: global.Bun?.version,
    deno: global.Deno?.version.deno,
    node: global.process?.versions?.node,
    sharedMemory: typeof SharedArrayBuffer === "function",
    waitAsync: typeof Atomics.waitAsync === "function",
  }
}

const minimum = { node: 22, bun: 1, deno: 2 } as const

/** Which runtime this is, or why its threads cannot be used. */
export const recognise = (seen: Surroundings): ThreadBackend["name"] | UnsupportedRuntimeError => {
  const name = seen.bun !== undefined ? "bun" : seen.deno !== undefined ? "deno" : "node"
  const version = seen[name]
  if (version === undefined) {
    return new UnsupportedRuntimeError({
      found: "This environment",
      missing: "it is neither Node, Bun nor Deno",
      remedy: "Provide InlineBackend.layer to run everything on the loop's own thread",
    })
  }
  const found = `${name[0]?.toUpperCase()}${name.slice(1)} ${version}`
  if (Number.parseInt(version, 10) < minimum[name]) {
    return new UnsupportedRuntimeError({
      found,
      missing: `version ${minimum[name]} or later is needed`,
      remedy: `Install ${name} ${minimum[name]} or later`,
    })
  }
  if (!seen.sharedMemory || !seen.waitAsync) {
    return new UnsupportedRuntimeError({
      found,
      missing: seen.sharedMemory ? "there is no Atomics.waitAsync" : "there is no SharedArrayBuffer",
      remedy: "Enable shared memory, or provide InlineBackend.layer to run everything on the loop's own thread",
    })
  }
  return name
}
