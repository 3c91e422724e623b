/** The data of a run, and the report that it writes down, on whose shape other programs may rely. */
import type { Runtime } from "../../../scripts/runtimes.ts"

export type { Runtime }

export type Unit = "µs" | "ms" | "MiB" | "1/s"

/** One thing that is measured, the same for every subject of a suite. */
export interface Case {
  readonly name: string
  readonly unit: Unit
  /** Notes for a reader: what one operation is, what is in flight. */
  readonly about: string
  /** The better direction: smaller figures (times, memory) or larger ones (throughput). */
  readonly better: "less" | "more"
  /** The figure of a round that subjects are compared by. */
  readonly compare: "median" | "p99"
}

/** A library, or a way of using one, that takes part in a suite. */
export interface Entrant {
  readonly name: string
  /** Ours: ratios say how many times better it is than each of the others. */
  readonly ours: boolean
  /** Peer packages that must be installed for it. */
  readonly peers: ReadonlyArray<string>
  /** Runtimes on which it cannot take part, and why. */
  readonly absent?: Partial<Readonly<Record<Runtime, string>>>
}

/** One subject's figures for one case on one runtime. */
export interface Result {
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly subject: string
  readonly unit: Unit
  /** The median over rounds of each round's own figure: its median, or what `compare` of the case names. */
  readonly median: number
  /** Quantiles and extremes of all samples of all rounds. */
  readonly p95: number
  readonly p99: number
  readonly min: number
  readonly max: number
  readonly rounds: number
  /** Each round's figure, in the order in which they ran: the spread. */
  readonly perRound: ReadonlyArray<number>
  /** One sample is the mean of this many operations; 1 where an operation is long enough to be timed alone. */
  readonly operationsPerSample: number
  /** Of all samples, where the case is about their tail: how many lie above the bucket before and up to `upTo`. */
  readonly histogram?: ReadonlyArray<Bucket>
  /** Only where the subject is ours: how many times better it is than each other subject. Above 1, ours is better. */
  readonly ratios: Readonly<Record<string, number>>
}

export interface Bucket {
  readonly upTo: number
  readonly count: number
}

/** A subject that was not measured, and why. */
export interface LeftOut {
  readonly suite: string
  readonly runtime: Runtime
  readonly subject: string
  /** Absent when the subject took no part in the suite at all. */
  readonly case?: string
  readonly reason: string
}

/** A target as it came out. `measured` is null, and `met` false, when what it compares was not measured. */
export interface TargetOutcome {
  readonly suite: string
  readonly case: string
  readonly runtime: Runtime
  readonly statement: string
  readonly goal: number
  readonly measured: number | null
  readonly met: boolean
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly os: string
  /** The load average over a minute when the run began: on a busy machine figures mean little. */
  readonly loadAtStart: number
}

export interface Report {
  readonly machine: Machine
  /** Versions of the runtimes, of Offloop and of every peer that was installed. */
  readonly versions: Readonly<Record<string, string>>
  readonly date: string
  readonly quick: boolean
  readonly results: ReadonlyArray<Result>
  readonly leftOut: ReadonlyArray<LeftOut>
  readonly targets: ReadonlyArray<TargetOutcome>
}
