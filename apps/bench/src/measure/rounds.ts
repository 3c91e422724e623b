/** Runs the subjects of one case in turns. */

/** One subject in one case. Whatever it throws puts it out of the case, with the message as the reason. */
export interface Contestant {
  readonly name: string
  /** The difference between its answer and what was asked for; undefined when there is none. */
  readonly check: () => Promise<string | undefined>
  readonly warmUp: (limitMs: number) => Promise<void>
  readonly round: (ms: number) => Promise<ReadonlyArray<number>>
  /** Ends its part, and says how what it did differs from what it answered, if it does. */
  readonly finish: () => Promise<{ readonly operationsPerSample: number; readonly difference?: string | undefined }>
}

export interface Pace {
  readonly rounds: number
  readonly roundMs: number
  /** The most that warming up may take. It ends before that when the figures are steady. */
  readonly warmUpLimitMs: number
  /** The duration of a round where `roundMs` does not say: for the estimate. */
  readonly roundTakesMs?: number
}

export interface Measured {
  readonly name: string
  readonly rounds: ReadonlyArray<ReadonlyArray<number>>
  readonly operationsPerSample: number
}

export interface Outcome {
  readonly measured: ReadonlyArray<Measured>
  readonly leftOut: ReadonlyArray<{ readonly name: string; readonly reason: string }>
}

export const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/**
 * The order of a round: each subject comes once, and over as many rounds as there are subjects each has each place
 * once, so that nobody always runs behind the same neighbour's garbage.
 */
export const turnsOf = <A>(subjects: ReadonlyArray<A>, round: number): ReadonlyArray<A> => {
  const start = subjects.length === 0 ? 0 : round % subjects.length
  const rotated = [...subjects.slice(start), ...subjects.slice(0, start)]
  return round % 2 === 0 ? rotated : rotated.reverse()
}

/**
 * Checks every subject's answer, warms up those that did the work, and runs rounds in turns.
 *
 * A subject that answers something else is refused before it is timed. One that fails in the middle is left out with
 * all its rounds, because a ratio needs both sides of every round.
 */
export const runRounds = async (
  contestants: ReadonlyArray<Contestant>,
  pace: Pace,
  signal?: AbortSignal,
): Promise<Outcome> => {
  const leftOut: Array<{ name: string; reason: string }> = []
  let remaining = contestants
  const each = async (
    subjects: ReadonlyArray<Contestant>,
    step: (contestant: Contestant) => Promise<string | undefined>,
  ): Promise<void> => {
    for (const contestant of subjects) {
      signal?.throwIfAborted()
      const reason = await step(contestant).catch(reasonOf)
      if (reason === undefined) continue
      leftOut.push({ name: contestant.name, reason })
      remaining = remaining.filter((other) => other !== contestant)
    }
  }

  await each(remaining, async (contestant) => {
    const difference = await contestant.check()
    return difference === undefined ? undefined : `refused, it does other work: ${difference}`
  })
  await each(remaining, async (contestant) => void (await contestant.warmUp(pace.warmUpLimitMs)))

  const samples = new Map<Contestant, Array<ReadonlyArray<number>>>()
  for (let round = 0; round < pace.rounds; round++) {
    await each(turnsOf(remaining, round), async (contestant) => {
      const figures = await contestant.round(pace.roundMs)
      if (figures.length === 0) return `round ${round + 1} gave no sample`
      const own = samples.get(contestant)
      if (own === undefined) samples.set(contestant, [figures])
      else own.push(figures)
      return undefined
    })
  }

  const measured: Array<Measured> = []
  await each(remaining, async (contestant) => {
    const { operationsPerSample, difference } = await contestant.finish()
    if (difference !== undefined) return `refused, it did other work: ${difference}`
    measured.push({ name: contestant.name, rounds: samples.get(contestant)!, operationsPerSample })
    return undefined
  })
  return { measured, leftOut }
}
