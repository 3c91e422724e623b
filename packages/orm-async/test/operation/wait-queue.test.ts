import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { WaitQueue } from "../../src/operation/wait-queue.ts"

const step = fc.oneof(
  fc.record({ do: fc.constant("take" as const) }),
  fc.record({ do: fc.constant("release" as const) }),
  fc.record({ do: fc.constant("leave" as const), which: fc.nat(20) }),
)

describe("a queue", () => {
  it("is used by one at a time, in the order of asking, whoever leaves meanwhile", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new WaitQueue()
        const waiting: Array<{ readonly id: number; readonly leave: () => void }> = []
        const users: Array<number> = []
        const expected: Array<number> = []
        let last = 0
        let isTaken = false
        for (const one of steps) {
          if (one.do === "take") {
            const id = ++last
            const call = queue.take()
            if (isTaken) waiting.push({ id, leave: () => call.leave() })
            else expected.push(id)
            isTaken = true
            call.start(() => users.push(id))
          } else if (one.do === "leave") {
            const [left] = waiting.splice(one.which, 1)
            left?.leave()
          } else if (isTaken) {
            const next = waiting.shift()
            if (next === undefined) isTaken = false
            else expected.push(next.id)
            queue.release()
          }
          expect([users, queue.taken, queue.length]).toEqual([expected, isTaken, waiting.length])
        }
      }),
    )
  })

  it("cannot be overtaken by whoever asks in the moment of its being handed over", () => {
    const queue = new WaitQueue()
    const users: Array<string> = []
    queue.whenFree(() => users.push("first"))
    queue.whenFree(() => {
      users.push("second")
      queue.whenFree(() => users.push("fourth"))
      queue.release()
    })
    queue.whenFree(() => {
      users.push("third")
      expect(queue.tryTake()).toBe(false)
    })
    queue.release()
    expect(users).toEqual(["first", "second", "third"])
    queue.release()
    expect(users).toEqual(["first", "second", "third", "fourth"])
    queue.release()
    expect([queue.taken, queue.tryTake()]).toEqual([false, true])
  })

  it("does not grow the stack over 200,000 that give it back at once", () => {
    const queue = new WaitQueue()
    let served = 0
    queue.tryTake()
    for (let n = 0; n < 200_000; n++) {
      queue.whenFree(() => {
        served++
        queue.release()
      })
    }
    queue.release()
    expect([served, queue.taken, queue.length]).toEqual([200_000, false, 0])
  })
})
