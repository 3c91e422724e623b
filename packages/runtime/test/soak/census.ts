/** Counts what a program holds of its machine. */
import { readdirSync, readFileSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { runtimeThreads } from "./allowances.ts"

/** Where the system does not tell, a number is undefined and not compared. */
export interface Census {
  /** Threads of this process, without those of the runtime itself where they can be told apart. */
  readonly threads: number | undefined
  /** Processes that this one has started and that are not gone. */
  readonly processes: number | undefined
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

const threads = (): number | undefined => {
  if (process.platform !== "linux") return undefined
  return readdirSync("/proc/self/task").filter((id) => {
    try {
      return runtimeThreads?.test(readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim()) !== true
    } catch {
      // It ended meanwhile.
      return false
    }
  }).length
}

/** Processes that have ended, and about which nobody has asked, count too. */
const children = (): number | undefined => {
  if (process.platform !== "linux") return undefined
  const parents = readdirSync("/proc").map((name) => {
    if (!/^\d+$/.test(name)) return undefined
    try {
      // The fields after the name, which may hold anything: state, parent.
      return Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1])
    } catch {
      // It ended meanwhile.
      return undefined
    }
  })
  return parents.filter((parent) => parent === process.pid).length
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
    threads: threads(),
    processes: children(),
    descriptors: entries("/proc/self/fd"),
    handles: process.getActiveResourcesInfo?.().sort() ?? [],
    heapBytes: heapUsed,
    externalBytes: external,
    residentBytes: rss,
  }
}

const names = ["threads", "processes", "descriptors", "heapBytes", "externalBytes", "residentBytes"] as const

/** How much more there may be at the end than at the beginning. */
export type Bounds = Readonly<Record<(typeof names)[number], number>>

/** What there is too much of, in words. */
export const excess = (before: Census, after: Census, bounds: Bounds): ReadonlyArray<string> => {
  const found: string[] = []
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
