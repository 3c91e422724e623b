import type { Case, Runtime } from "../../model.ts"
import { runOnce } from "../../process/once.ts"
import { among, entrants } from "../../subjects/hop/index.ts"
import type { Part, Suite } from "../../suite.ts"

const program = new URL("./program.ts", import.meta.url)

const cases: ReadonlyArray<Case> = [
  {
    name: "an idle worker",
    about: "resident memory of the process for each further worker that has answered a call and waits for the next",
    unit: "MiB",
    better: "less",
    compare: "median",
  },
]

interface Said {
  readonly workers: number
  readonly mebibytesEach: number
}

const partOf = (entrant: string, runtime: Runtime): Part => {
  const once = async () => (await runOnce(runtime, program, [entrant])).value as Said
  return {
    check: async () => {
      const { workers } = await once()
      return workers === 5 ? undefined : `it had ${workers} workers where 5 were asked for`
    },
    warmUp: async () => undefined,
    round: async () => [(await once()).mebibytesEach],
    finish: async () => ({ operationsPerSample: 1 }),
  }
}

export const memory: Suite = {
  name: "memory",
  about: "what a worker costs that does nothing",
  cases,
  // It is a matter of calls: its workers are those of the resident that is alone.
  entrants: entrants.filter((entrant) => entrant.name !== among),
  enter: async (entrant, { runtime }) => ({
    open: async () => partOf(entrant, runtime),
    close: async () => undefined,
  }),
  pace: (quick) => ({ rounds: quick ? 2 : 5, roundMs: 0, warmUpLimitMs: 0, roundTakesMs: 800 }),
}
