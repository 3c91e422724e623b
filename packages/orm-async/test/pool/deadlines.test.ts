import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Deadlines } from "../../src/pool/deadlines.ts"

/** A clock that stands still until it is told to go on, with at most one timer on it. */
class Clock {
  time = 0
  #due: { readonly at: number; readonly run: () => void } | undefined

  readonly now = (): number => this.time

  readonly later = (run: () => void, milliseconds: number): (() => void) => {
    if (this.#due !== undefined) throw new Error("a second timer")
    const due = { at: this.time + milliseconds, run }
    this.#due = due
    return () => {
      if (this.#due === due) this.#due = undefined
    }
  }

  readonly soon = (): never => {
    throw new Error("nothing is done soon")
  }

  get isArmed(): boolean {
    return this.#due !== undefined
  }

  goTo(time: number): void {
    while (this.#due !== undefined && this.#due.at <= time) {
      const { at, run } = this.#due
      this.#due = undefined
      this.time = at
      run()
    }
    this.time = time
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant("wait" as const) }),
  fc.record({ do: fc.constant("leave" as const), which: fc.nat(30) }),
  fc.record({ do: fc.constant("pass" as const), time: fc.integer({ min: 1, max: 40 }) }),
)

describe("the pool's deadlines", () => {
  it("end each wait when its time is over, none before and none that has ended, with one timer and none when nobody waits", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new Clock()
        const deadlines = new Deadlines(clock, 25)
        const all: Array<{ readonly from: number; ended: number | "left" | undefined; readonly giveUp: () => void }> =
          []
        for (const one of steps) {
          if (one.do === "wait") {
            const waiter = {
              from: clock.time,
              ended: undefined as number | "left" | undefined,
              giveUp: () => {
                expect(waiter.ended).toBeUndefined()
                waiter.ended = clock.time
              },
            }
            all.push(waiter)
            deadlines.add(waiter)
          } else if (one.do === "leave") {
            const waiter = all[one.which]
            if (waiter === undefined) continue
            waiter.ended ??= "left"
            deadlines.remove(waiter)
          } else clock.goTo(clock.time + one.time)
          for (const { from, ended } of all) {
            if (ended === undefined) expect(clock.time).toBeLessThan(from + 25)
            else if (ended !== "left") expect(ended).toBe(from + 25)
          }
          expect(clock.isArmed).toBe(all.some(({ ended }) => ended === undefined))
        }
      }),
    )
  })
})
