/** A suite: its cases, its subjects, and how a subject is entered in its own process. */
import type { Pace } from "./measure/rounds.ts"
import type { Case, Entrant, Runtime } from "./model.ts"

/** The instructions to a subject's process. */
export interface Context {
  readonly runtime: Runtime
  /** A folder of the subject's own, removed after the run. */
  readonly folder: string
  /** The result of the suite's `prepare`. */
  readonly data: unknown
  readonly quick: boolean
}

/** A subject's part in one case. Samples are in the case's unit. */
export interface Part {
  readonly check: () => Promise<string | undefined>
  readonly warmUp: (limitMs: number) => Promise<void>
  readonly round: (ms: number) => Promise<ReadonlyArray<number>>
  readonly finish: () => Promise<{ readonly operationsPerSample: number; readonly difference?: string | undefined }>
}

/** A subject in its own process. Cases are opened one after another. */
export interface Entered {
  readonly open: (caseName: string) => Promise<Part>
  readonly close: () => Promise<void>
}

export interface Prepared {
  /** JSON, for every subject's process. */
  readonly data: unknown
  /** Versions of what only this suite uses. */
  readonly versions?: Readonly<Record<string, string>>
  readonly release: () => Promise<void>
}

export interface Suite {
  readonly name: string
  readonly about: string
  readonly cases: ReadonlyArray<Case>
  readonly entrants: ReadonlyArray<Entrant>
  /** Makes what all subjects share, such as a database file. Runs once, in the bench's own process. */
  readonly prepare?: (folder: string) => Promise<Prepared>
  /** Starts a subject. It throws {@link CannotTakePart} where a case or all of them is not for it. */
  readonly enter: (entrant: string, context: Context) => Promise<Entered>
  /** A pace of its own, if the usual one does not fit. */
  readonly pace?: (quick: boolean) => Pace
  /** The time that one step of a subject may take beyond its budget, if the usual limit does not fit. */
  readonly patienceMs?: number
}

/** A case is not for this subject; the message is the reason that the report gives. */
export class CannotTakePart extends Error {
  override readonly name = "CannotTakePart"
}

export const usualPace = (quick: boolean): Pace =>
  quick ? { rounds: 3, roundMs: 30, warmUpLimitMs: 100 } : { rounds: 7, roundMs: 60, warmUpLimitMs: 250 }

/**
 * The factor by which a subject may warm up longer before its first case, since a process is slow at what it has not run
 * yet: an ORM's code takes more than a second of work until the engine has compiled it all. A quick run stops before that.
 */
export const coldTimes = (quick: boolean): number => (quick ? 3 : 6)

export const paceOf = (suite: Suite, quick: boolean): Pace => suite.pace?.(quick) ?? usualPace(quick)

/** The case that a suite declared under this name. */
export const caseNamed = (cases: ReadonlyArray<Case>, name: string): Case => {
  const found = cases.find((one) => one.name === name)
  if (found === undefined) throw new RangeError(`There is no case "${name}"`)
  return found
}
