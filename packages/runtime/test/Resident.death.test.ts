import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
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

for (const mode of ["blocking", "async"] as const) {
  test.each([0, 7])(
    `a thread that dies while its scope closes fails the calls that are pending, and closing, with its crash, ${mode}, code %i`,
    (exitCode) =>
      go(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const closed = new Int32Array(new SharedArrayBuffer(4))
          const made = Resident.make(tasks.makeSubject, { start: 0, closed }, { mode })
          const subject = yield* Scope.extend(made, scope)
          const told: unknown[] = []
          subject.unsafeCall("exit", [exitCode], (exit) => told.push(exit))
          subject.unsafeCall("echo", [1], (exit) => told.push(exit))
          const exit = yield* Effect.exit(Scope.close(scope, Exit.void))
          const crash = { _tag: "WorkerCrashedError", exitCode }
          expect(told).toMatchObject([
            { ok: false, error: crash },
            { ok: false, error: crash },
          ])
          expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject(crash)
          expect(Atomics.load(closed, 0)).toBe(0)
          // A call after that is told how it ended as well.
          expect(yield* Effect.flip(subject.call("echo", 2))).toMatchObject(crash)
        }),
      ),
  )
}
