import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { promise, sync } from "../../src/measure/operation.ts"
import { operationPart } from "../../src/measure/part.ts"
import { type Contestant, runRounds, turnsOf } from "../../src/measure/rounds.ts"

const pace = { rounds: 4, roundMs: 1, warmUpLimitMs: 1 }

/** Notes every step in `log`. */
const contestant = (name: string, log: Array<string>, steps: Partial<Contestant> = {}): Contestant => ({
  name,
  check: async () => void log.push(`${name} check`),
  warmUp: async () => void log.push(`${name} warm-up`),
  round: async () => {
    log.push(`${name} round`)
    return [1, 2, 3]
  },
  finish: async () => ({ operationsPerSample: 1 }),
  ...steps,
})

describe("runRounds", () => {
  it("refuses a subject that does less before anyone is timed", async () => {
    const rows = [{ id: 1 }, { id: 2 }]
    const part = (answer: unknown) =>
      operationPart({ operation: sync(() => answer), inFlight: 1, expected: () => rows, probes: [0] })
    const timed: Array<string> = []
    const of = (name: string, answer: unknown): Contestant => {
      const own = part(answer)
      return {
        ...own,
        name,
        round: async (ms) => {
          timed.push(name)
          return own.round(ms)
        },
      }
    }
    const outcome = await runRounds([of("whole", rows), of("less", [{ id: 1 }])], pace)
    expect(outcome.leftOut).toEqual([
      {
        name: "less",
        reason:
          "refused, it does other work: operation 0: the answer is an array of 1 where an array of 2 was asked for",
      },
    ])
    expect(outcome.measured.map(({ name }) => name)).toEqual(["whole"])
    expect(timed).not.toContain("less")
  })

  it("refuses a subject that answers rightly alone and wrongly when several are in flight", async () => {
    let running = 0
    const shared = promise(async (index) => {
      running++
      await Promise.resolve()
      const answer = running > 1 ? -1 : index
      running--
      return answer
    })
    const part = operationPart({ operation: shared, inFlight: 4, expected: (index) => index, probes: [0, 1] })
    expect(await part.check()).toBe("operation 0 of 4 at once: the answer is -1 where 0 was asked for")
  })

  it("refuses afterwards what was acknowledged and did not happen", async () => {
    const log: Array<string> = []
    const forgetful = contestant("forgetful", log, {
      finish: async () => ({ operationsPerSample: 1, difference: "9 rows were acknowledged and 8 are there" }),
    })
    const { measured, leftOut } = await runRounds([forgetful, contestant("honest", log)], pace)
    expect(measured.map(({ name }) => name)).toEqual(["honest"])
    expect(leftOut[0]!.reason).toContain("9 rows were acknowledged and 8 are there")
  })

  it("checks all, then warms up all, then runs whole rounds", async () => {
    const log: Array<string> = []
    const { measured } = await runRounds([contestant("a", log), contestant("b", log)], pace)
    expect(log.slice(0, 4)).toEqual(["a check", "b check", "a warm-up", "b warm-up"])
    for (let round = 0; round < pace.rounds; round++)
      expect(new Set(log.slice(4 + round * 2, 6 + round * 2))).toEqual(new Set(["a round", "b round"]))
    expect(measured.map((subject) => subject.rounds.length)).toEqual([4, 4])
  })

  it("leaves out a subject that fails in the middle, and goes on with the others", async () => {
    const log: Array<string> = []
    let rounds = 0
    const frail = contestant("frail", log, {
      round: async () => {
        if (++rounds === 3) throw new Error("its process ended with code 1")
        return [1]
      },
    })
    const { measured, leftOut } = await runRounds([frail, contestant("firm", log)], pace)
    expect(leftOut).toEqual([{ name: "frail", reason: "its process ended with code 1" }])
    expect(measured).toEqual([{ name: "firm", rounds: Array(4).fill([1, 2, 3]), operationsPerSample: 1 }])
    expect(rounds).toBe(3)
  })

  it("leaves out a subject that gives no sample", async () => {
    const log: Array<string> = []
    const { measured, leftOut } = await runRounds([contestant("mute", log, { round: async () => [] })], pace)
    expect(measured).toEqual([])
    expect(leftOut).toEqual([{ name: "mute", reason: "round 1 gave no sample" }])
  })

  it("ends when it is told to", async () => {
    const log: Array<string> = []
    const ending = new AbortController()
    const subject = contestant("a", log, {
      round: async () => {
        ending.abort(new Error("Ended by SIGINT"))
        return [1]
      },
    })
    await expect(runRounds([subject, contestant("b", log)], pace, ending.signal)).rejects.toThrow("Ended by SIGINT")
    expect(log).not.toContain("b round")
  })
})

describe("turnsOf", () => {
  it("lets each subject come once in each round", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.nat(), (subjects, round) => {
        expect(turnsOf(subjects, round).toSorted()).toEqual(subjects.toSorted())
      }),
    )
  })

  it("does not always put the same subject first", () => {
    const firsts = Array.from({ length: 6 }, (_, round) => turnsOf(["a", "b", "c"], round)[0])
    expect(new Set(firsts).size).toBeGreaterThan(1)
  })
})
