/** Reads a CPU profile, in the form that the inspector protocol of V8 has and Bun's follows. Pure. */

/** One function in one place of the tree of calls. */
interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    /** From 0; that of the function. */
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly children?: ReadonlyArray<number>
  /** Which lines of the function were running, from 1. */
  readonly positionTicks?: ReadonlyArray<{ readonly line: number; readonly ticks: number }>
}

/** Times in microseconds. */
export interface Profile {
  readonly nodes: ReadonlyArray<ProfileNode>
  readonly startTime: number
  readonly endTime: number
  /** The node that was running at each sample. */
  readonly samples?: ReadonlyArray<number>
  /** The time from each sample to the one before. */
  readonly timeDeltas?: ReadonlyArray<number>
}

const pseudo = /^\((root|program|idle|garbage collector)\)$/

/** The calls in which most of the samples between two moments are, the innermost first, as lines of a stack. */
export const hotPath = (profile: Profile, from: number, to: number): ReadonlyArray<string> => {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, children } of profile.nodes) for (const child of children ?? []) parents.set(child, id)

  /** How many samples are in each function or in what it calls. */
  const totals = new Map<number, number>()
  let at = profile.startTime
  for (const [index, sample] of (profile.samples ?? []).entries()) {
    at += profile.timeDeltas?.[index] ?? 0
    if (at < from || at > to) continue
    const name = nodes.get(sample)?.callFrame.functionName ?? "(program)"
    if (pseudo.test(name)) continue
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      totals.set(id, (totals.get(id) ?? 0) + 1)
    }
  }

  const lines: string[] = []
  let node = profile.nodes.find(({ id }) => !parents.has(id))
  while (node !== undefined) {
    if (!pseudo.test(node.callFrame.functionName)) lines.push(line(node))
    const total = totals.get(node.id) ?? 0
    const hottest: number | undefined = node.children?.reduce<number | undefined>(
      (best, id) => ((totals.get(id) ?? 0) > (best === undefined ? 0 : (totals.get(best) ?? 0)) ? id : best),
      undefined,
    )
    // Where no call has half of the samples, the function itself is what takes the time.
    node = hottest !== undefined && (totals.get(hottest) ?? 0) * 2 >= total ? nodes.get(hottest) : undefined
  }
  return lines.reverse()
}

const line = ({ callFrame, positionTicks }: ProfileNode): string => {
  const { functionName, url, lineNumber, columnNumber } = callFrame
  const name = functionName === "" ? "<anonymous>" : functionName
  if (url === "") return `${name} (native)`
  const hottest = positionTicks?.reduce((best, tick) => (tick.ticks > best.ticks ? tick : best), { line: 0, ticks: 0 })
  if (hottest !== undefined && hottest.ticks > 0) return `${name} (${url}:${hottest.line}:1)`
  return `${name} (${url}:${Math.max(0, lineNumber) + 1}:${Math.max(0, columnNumber) + 1})`
}
