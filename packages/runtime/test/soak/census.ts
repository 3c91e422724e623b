/** Counts what a program holds of its machine. */
import { readdirSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Where the system does not tell, a number is undefined and not compared. */
export interface Census {
  /** Threads of this process, those of the runtime itself included. */
  readonly threads: number | undefined
  readonly descriptors: number | undefined
  /** What keeps the event loop going, by kind, sorted. */
  readonly handles: ReadonlyArray<string>
  readonly heapBytes: number
  readonly externalBytes: number
  readonly residentBytes: number
}

const entries = (folder: string): number | undefined => {
  if (process.platform !== "linux") return undefined
  return readdirSync(folder).length
}

const collector = (): (() => void) => {
  const { Bun } = globalThis as { readonly Bun?: { readonly gc: (synchronous: boolean) => void } }
  if (Bun !== undefined) return () => Bun.gc(true)
  setFlagsFromString("--expose-gc")
  return runInNewContext("gc") as () => void
}
const collect = collector()

/** Collects garbage first. */
export const census = (): Census => {
  collect()
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    threads: entries("/proc/self/task"),
    descriptors: entries("/proc/self/fd"),
    handles: process.getActiveResourcesInfo?.().sort() ?? [],
    heapBytes: heapUsed,
    externalBytes: external,
    residentBytes: rss,
  }
}

/** How much more there may be at the end than at the beginning. */
export interface Bounds {
  /** Runtimes have threads of their own, that come and go. */
  readonly threads: number
  readonly descriptors: number
  readonly heapBytes: number
  readonly externalBytes: number
  readonly residentBytes: number
}

/** What there is too much of, in words. */
export const excess = (before: Census, after: Census, bounds: Bounds): ReadonlyArray<string> => {
  const found: string[] = []
  const names = ["threads", "descriptors", "heapBytes", "externalBytes", "residentBytes"] as const
  for (const name of names) {
    const [least, most] = [before[name], after[name]]
    if (least !== undefined && most !== undefined && most - least > bounds[name]) {
      found.push(`${name}: ${most}, and ${least} at the beginning; ${bounds[name]} more are allowed`)
    }
  }
  const handles = [...after.handles]
  for (const handle of before.handles) {
    const index = handles.indexOf(handle)
    if (index >= 0) handles.splice(index, 1)
  }
  if (handles.length > 0) found.push(`handles: ${handles.join(", ")}`)
  return found
}
