/** Runs one suite on one runtime: a process for each subject, and their cases in turns. */
import { mkdirSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { drive, promise } from "./measure/operation.ts"
import { type Contestant, reasonOf, runRounds } from "./measure/rounds.ts"
import type { Case, Entrant, LeftOut, Result, Runtime } from "./model.ts"
import * as Peers from "./peers.ts"
import { type SubjectProcess, startSubject } from "./process/subject-process.ts"
import { resultsOf } from "./results.ts"
import { CannotTakePart, coldTimes, paceOf, type Suite } from "./suite.ts"

export interface RunOptions {
  readonly suite: Suite
  readonly runtime: Runtime
  readonly entrants: ReadonlyArray<Entrant>
  readonly data: unknown
  readonly folder: string
  readonly quick: boolean
  /** The reason for which peers cannot be had at all, if so. */
  readonly peersMissing: string | undefined
  readonly signal: AbortSignal
  readonly onCase: (one: Case, results: ReadonlyArray<Result>) => void
  /** @param declined it is not for this subject, by the suite's or its own word: nothing went wrong. */
  readonly onLeftOut: (leftOut: LeftOut, declined: boolean) => void
}

/** Loading a peer, opening a database and making a worker may all take this long on a busy machine. */
const usualPatienceMs = { full: 30_000, quick: 20_000 }

export const runOn = async (options: RunOptions): Promise<ReadonlyArray<Result>> => {
  const { suite, runtime } = options
  const pace = paceOf(suite, options.quick)
  const patience = suite.patienceMs ?? usualPatienceMs[options.quick ? "quick" : "full"]
  const results: Array<Result> = []
  const leaveOut = (subject: string, cause: unknown, one?: Case) =>
    options.onLeftOut(
      { suite: suite.name, runtime, subject, ...(one && { case: one.name }), reason: reasonOf(cause) },
      cause instanceof CannotTakePart,
    )
  const started: Array<SubjectProcess> = []
  const startOf = (entrant: Entrant): SubjectProcess => {
    const folder = join(options.folder, `${runtime}-${entrant.name.replaceAll(/\W+/g, "-")}`)
    mkdirSync(folder, { recursive: true })
    const subject = startSubject(
      runtime,
      {
        suite: suite.name,
        entrant: entrant.name,
        context: { runtime, folder, data: options.data, quick: options.quick },
      },
      options.signal,
    )
    started.push(subject)
    return subject
  }

  try {
    const invited = options.entrants.filter((entrant) => {
      const reason = whyAbsent(entrant, runtime, options.peersMissing)
      if (reason !== undefined) leaveOut(entrant.name, reason)
      return reason === undefined
    })
    const present: Array<{ readonly entrant: Entrant; readonly subject: SubjectProcess }> = []
    await together(invited, options.signal, (entrant) => {
      const subject = startOf(entrant)
      return subject.request({ do: "enter" }, patience).then(
        () => () => void present.push({ entrant, subject }),
        async (cause) => {
          await subject.close()
          return () => leaveOut(entrant.name, cause)
        },
      )
    })
    const warm = new Set<SubjectProcess>()
    const cold = coldTimes(options.quick)
    for (const one of suite.cases) {
      const contestants: Array<Contestant> = []
      await together(present, options.signal, ({ entrant, subject }) =>
        subject.request({ do: "open", case: one.name }, patience).then(
          () => () => void contestants.push(contestantOf(entrant.name, subject, patience, warm, cold)),
          (cause) => () => leaveOut(entrant.name, cause, one),
        ),
      )
      const outcome = await runRounds(contestants, pace, options.signal)
      for (const { name, reason } of outcome.leftOut) leaveOut(name, reason, one)
      const ours = (name: string) => options.entrants.some((entrant) => entrant.ours && entrant.name === name)
      const measured = resultsOf(suite.name, runtime, one, ours, outcome.measured)
      results.push(...measured)
      options.onCase(one, measured)
    }
  } finally {
    await Promise.all(started.map((subject) => subject.close()))
  }
  return results
}

const whyAbsent = (
  entrant: Entrant,
  runtime: Runtime,
  peersMissing: string | undefined,
): CannotTakePart | string | undefined => {
  const absent = entrant.absent?.[runtime]
  if (absent !== undefined) return new CannotTakePart(absent)
  if (entrant.peers.length === 0) return undefined
  if (peersMissing !== undefined) return `the peers are not installed: ${peersMissing}`
  const missing = entrant.peers.find((name) => Peers.versionOf(name) === undefined)
  return missing === undefined ? undefined : `${missing} is not installed: it did not build here`
}

/**
 * Runs an untimed step of every subject, as many at once as there are cores. The functions that the steps return run
 * afterwards, in the order of the subjects.
 */
const together = async <A>(
  subjects: ReadonlyArray<A>,
  signal: AbortSignal,
  step: (subject: A) => Promise<() => void>,
): Promise<void> => {
  const outcomes: Array<() => void> = []
  const run = promise(async (index) => {
    if (!signal.aborted) outcomes[index] = await step(subjects[index]!)
  })
  await drive(run, 0, subjects.length, availableParallelism())
  signal.throwIfAborted()
  for (const outcome of outcomes) outcome()
}

const contestantOf = (
  name: string,
  subject: SubjectProcess,
  patience: number,
  warm: Set<SubjectProcess>,
  cold: number,
): Contestant => ({
  name,
  check: async () => (await subject.request<string | null | undefined>({ do: "check" }, patience)) ?? undefined,
  warmUp: async (usual) => {
    const ms = warm.has(subject) ? usual : usual * cold
    await subject.request({ do: "warmUp", ms }, ms + patience)
    warm.add(subject)
  },
  round: (ms) => subject.request({ do: "round", ms }, ms + patience),
  finish: () => subject.request({ do: "finish" }, patience),
})
