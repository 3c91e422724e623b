/** The subjects of the suites about workers. */
import type { Entrant } from "../../model.ts"
import type { HopPool } from "./pool.ts"

type Open = () => Promise<HopPool>

interface Opener extends Entrant {
  readonly open: Open
}

const ours = (name: string, open: Open): Opener => ({ name, ours: true, peers: [], open })

const other = (name: string, peers: ReadonlyArray<string>, open: Open): Opener => ({ name, ours: false, peers, open })

/** Takes part where the smallest calls are timed, to be compared with the resident that is alone. */
export const among = "offloop resident among 1,000"

const openers: ReadonlyArray<Opener> = [
  ours("offloop", async () => (await import("./offloop.ts")).open()),
  ours("offloop promise", async () => (await import("./offloop-promise.ts")).open()),
  ours("offloop resident", async () => (await import("./offloop-resident.ts")).open()),
  ours(among, async () => (await import("./offloop-resident.ts")).openAmong()),
  ours("offloop resident callbacks", async () => (await import("./offloop-resident.ts")).openWithCallbacks()),
  other("piscina", ["piscina"], async () => (await import("./piscina.ts")).open()),
  other("tinypool", ["tinypool"], async () => (await import("./tinypool.ts")).open()),
  {
    ...other("workerpool", ["workerpool"], async () => (await import("./workerpool.ts")).open()),
    absent: { bun: "on Bun its calls are never answered" },
  },
  other("poolifier", ["poolifier"], async () => (await import("./poolifier.ts")).open()),
  other("comlink", ["comlink"], async () => (await import("./comlink.ts")).open()),
  other("@effect/platform", ["effect", "@effect/platform", "@effect/platform-node"], async () =>
    (await import("./effect-platform.ts")).open(),
  ),
  other("postMessage", [], async () => (await import("./post-message.ts")).open()),
  other("shared memory", [], async () => (await import("./shared-memory.ts")).open()),
]

export const entrants: ReadonlyArray<Entrant> = openers

/** Starts a subject's worker. */
export const openPool = (name: string): Promise<HopPool> => {
  const opener = openers.find((one) => one.name === name)
  if (opener === undefined) throw new RangeError(`There is no subject "${name}"`)
  return opener.open()
}
