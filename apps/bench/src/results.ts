/** From the samples of a case to what the report says of it. Pure. */
import type { Measured } from "./measure/rounds.ts"
import { histogramOf, pairedRatio, type Summary, summarise } from "./measure/statistics.ts"
import type { Case, Result, Runtime } from "./model.ts"

/** Four significant digits: what is below is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4))

const bucketsOf = (rounds: Measured["rounds"]): NonNullable<Result["histogram"]> =>
  histogramOf(rounds.flat()).map(({ upTo, count }) => ({ upTo: rounded(upTo), count }))

export const resultsOf = (
  suite: string,
  runtime: Runtime,
  one: Case,
  isOurs: (subject: string) => boolean,
  measured: ReadonlyArray<Measured>,
): ReadonlyArray<Result> => {
  const summaries = new Map<string, Summary>(
    measured.map((subject) => [subject.name, summarise(subject.rounds, one.compare)]),
  )
  const ratiosOf = (subject: string): Result["ratios"] => {
    const own = summaries.get(subject)!
    const ratios: Record<string, number> = {}
    for (const [name, other] of summaries)
      if (name !== subject) ratios[name] = rounded(pairedRatio(own.perRound, other.perRound, one.better))
    return ratios
  }
  return measured.map(({ name, rounds, operationsPerSample }) => {
    const summary = summaries.get(name)!
    return {
      suite,
      case: one.name,
      runtime,
      subject: name,
      unit: one.unit,
      median: rounded(summary.median),
      p95: rounded(summary.p95),
      p99: rounded(summary.p99),
      min: rounded(summary.min),
      max: rounded(summary.max),
      rounds: rounds.length,
      perRound: summary.perRound.map(rounded),
      operationsPerSample,
      ...(one.compare === "p99" && { histogram: bucketsOf(rounds) }),
      ratios: isOurs(name) ? ratiosOf(name) : {},
    }
  })
}
