import { Effect, Layer } from "effect"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Backend, Resident } from "../src/index.ts"
import { run, tasks } from "./resident.cases.ts"

const go = run(Layer.orDie(Backend.layer))

/** Small ones, ones that spill, and ones that the engine clones. */
const payload = (n: number): unknown =>
  n % 7 === 3 ? "x".repeat(400_000) : n % 5 === 2 ? new Map([[n, n]]) : { n, text: "y".repeat((n * 7919) % 3000) }

test("a thread that is ended at any moment: every call is answered or fails typed, once, and none hangs", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom("blocking" as const, "async" as const),
      fc.constantFrom("exit" as const, "terminate" as const),
      fc.nat(200),
      (mode, how, after) =>
        go(
          Effect.gen(function* () {
            const subject = yield* Resident.make(tasks.makeSubject, { start: 0 }, { mode })
            const outcomes = yield* Effect.async<ReadonlyArray<string>>((resume) => {
              const told: string[] = []
              const calls = 200
              let ended = false
              for (let n = 0; n < calls; n++) {
                // The thread ends itself before it reads the rest, or is ended from outside while it reads.
                if (how === "exit" && n === after) subject.unsafeCall("exit", [9], () => {})
                subject.unsafeCall("echo", [payload(n)], (exit) => {
                  told.push(exit.ok ? "ok" : exit.error._tag)
                  if (how === "terminate" && !ended && told.length >= after) {
                    ended = true
                    Effect.runFork(subject.terminate)
                  }
                  if (told.length === calls) resume(Effect.succeed(told))
                })
              }
            })
            expect(outcomes).toHaveLength(200)
            const failed = how === "exit" ? "WorkerCrashedError" : "ResidentClosedError"
            expect(outcomes.filter((outcome) => outcome !== "ok" && outcome !== failed)).toEqual([])
            if (mode === "blocking" && how === "exit") {
              expect(outcomes.filter((outcome) => outcome === "ok").length).toBeLessThanOrEqual(after)
            }
            yield* subject.terminate
            yield* subject.closed
          }),
        ),
    ),
    { numRuns: 6 },
  ))
