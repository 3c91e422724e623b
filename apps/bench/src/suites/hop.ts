import { operationPart } from "../measure/part.ts"
import type { Case } from "../model.ts"
import { entrants, openPool } from "../subjects/hop/index.ts"
import type { TaskName } from "../subjects/hop/pool.ts"
import { rows } from "../subjects/hop/tasks.ts"
import { caseNamed, type Suite } from "../suite.ts"

interface HopCase extends Case {
  readonly task: TaskName
  readonly inFlight: number
  readonly bytes?: number
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

const cases: ReadonlyArray<HopCase> = [
  hopCase("sequential", "a call that does nothing; the next starts when it has answered", "empty", 1),
  hopCase("64 in flight", "a call that does nothing, 64 of them under way at any time", "empty", 64),
  hopCase("1 KiB each way", "1,024 bytes there and back", "echo", 1, 1024),
  hopCase("100 KiB each way", "102,400 bytes there and back", "echo", 1, 102_400),
  hopCase("1,000 rows", "an answer of 1,000 objects with 5 properties", "rows", 1),
]

/** Bytes that a transport cannot make up. */
const payload = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31 + 7) & 0xff)

export const hop: Suite = {
  name: "hop",
  about: "a call from the loop to one worker thread and back",
  cases,
  entrants,
  enter: async (entrant) => {
    const pool = await openPool(entrant)
    return {
      open: async (name) => {
        const one = caseNamed(cases, name) as HopCase
        const argument = one.bytes === undefined ? undefined : payload(one.bytes)
        const expected = one.task === "rows" ? rows() : argument
        return operationPart({
          operation: pool.task(one.task, argument),
          inFlight: one.inFlight,
          expected: () => expected,
          probes: [0, 1],
        })
      },
      close: pool.close,
    }
  },
}
