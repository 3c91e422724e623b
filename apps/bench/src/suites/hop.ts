import { operationPart } from "../measure/part.ts"
import { paused } from "../measure/pause.ts"
import type { Case } from "../model.ts"
import { entrants, openPool } from "../subjects/hop/index.ts"
import type { HopPool, TaskName } from "../subjects/hop/pool.ts"
import { digest, numbers, rows } from "../subjects/hop/tasks.ts"
import { caseNamed, type Part, type Suite } from "../suite.ts"

interface HopCase extends Case {
  readonly task: TaskName
  readonly inFlight: number
  readonly bytes?: number
  /** The time that the loop works on something else between calls, in microseconds. Not part of the figure. */
  readonly pause?: number
}

const hopCase = (name: string, about: string, task: TaskName, inFlight: number, bytes?: number): HopCase => ({
  name,
  about,
  unit: "µs",
  better: "less",
  compare: "median",
  task,
  inFlight,
  ...(bytes !== undefined && { bytes }),
})

const callCases: ReadonlyArray<HopCase> = [
  hopCase("sequential", "a call that does nothing; the next starts when it has answered", "empty", 1),
  hopCase("64 in flight", "a call that does nothing, 64 of them under way at any time", "empty", 64),
  hopCase("1 KiB each way", "1,024 bytes there and back", "echo", 1, 1024),
  hopCase("100 KiB each way", "102,400 bytes there and back", "echo", 1, 102_400),
  hopCase("1,000 rows", "an answer of 1,000 objects with 5 properties", "rows", 1),
  ...[20, 100, 500].map(
    (pause): HopCase => ({
      ...hopCase(
        `pause of ${pause} µs`,
        `a call that does nothing, after ${pause} µs in which the loop worked on something else; without them`,
        "empty",
        1,
      ),
      pause,
    }),
  ),
]

const streamed = 100_000

const streamCase: Case = {
  name: "stream of 100,000 items",
  about: "numbers that a generator in the worker makes, read one by one to the end; a bare postMessage for each",
  unit: "ms",
  better: "less",
  compare: "median",
}

/** Bytes that a transport cannot make up. */
const payload = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31 + 7) & 0xff)

const callPart = (pool: HopPool, { task, inFlight, bytes, pause = 0 }: HopCase): Part => {
  const argument = bytes === undefined ? undefined : payload(bytes)
  const expected = task === "rows" ? rows() : argument
  const operation = pool.task(task, argument)
  const part = operationPart<unknown>({
    operation: pause === 0 ? operation : paused(operation, pause),
    inFlight,
    expected: () => expected,
    probes: [0, 1],
  })
  return { ...part, round: async (ms) => (await part.round(ms)).map((sample) => sample - pause) }
}

const streamPart = (pool: HopPool): Part => {
  const expected = Array.from(numbers(streamed)).reduce(digest, 0)
  return operationPart({
    operation: pool.stream(streamed),
    inFlight: 1,
    expected: () => expected,
    probes: [],
    unit: "ms",
  })
}

export const hop: Suite = {
  name: "hop",
  about: "a call from the loop to one worker thread and back",
  cases: [...callCases, streamCase],
  // A case here is a way through the code of its own, which a call of a few microseconds takes long to compile.
  pace: (quick) => ({ rounds: quick ? 3 : 6, roundMs: quick ? 25 : 45, warmUpLimitMs: quick ? 80 : 300 }),
  entrants,
  enter: async (entrant) => {
    const pool = await openPool(entrant)
    return {
      open: async (name) =>
        name === streamCase.name ? streamPart(pool) : callPart(pool, caseNamed(callCases, name) as HopCase),
      close: pool.close,
    }
  },
}
