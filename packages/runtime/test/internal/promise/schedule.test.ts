import { expect, test } from "vitest"
import { WorkerCrashedError } from "../../../src/errors.ts"
import { Events } from "../../../src/promise/events.ts"
import { askAsUsual } from "../../../src/promise/schedule.ts"

const crash = new WorkerCrashedError({ worker: "ada", exitCode: 1 })

test("the usual schedule doubles five times, and begins anew after a minute without a crash", () => {
  let now = 0
  const ask = askAsUsual(() => now)
  const asked = (after: number) => {
    now += after
    return ask(crash, 0)
  }
  expect([1, 1, 1, 59_999, 1, 1].map(asked)).toEqual([100, 200, 400, 800, 1600, undefined])
  expect(asked(59_999)).toBeUndefined()
  expect(asked(60_000)).toBe(100)
})

test("readers of events get those since their first next, the last 256 of them, and then the end", async () => {
  const events = new Events<number>()
  events.publish(0)
  const quick = events[Symbol.asyncIterator]()
  const slow = events[Symbol.asyncIterator]()
  const left = events[Symbol.asyncIterator]()
  const [first, second] = [quick.next(), left.next()]
  const begun = slow.next()
  events.publish(1)
  expect(await first).toEqual({ done: false, value: 1 })
  expect(await second).toEqual({ done: false, value: 1 })
  expect(await begun).toEqual({ done: false, value: 1 })
  const waiting = left.next()
  await left.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })
  for (let n = 2; n < 302; n++) events.publish(n)
  events.end()
  const seen: number[] = []
  for (let step = await slow.next(); step.done !== true; step = await slow.next()) seen.push(step.value)
  expect(seen).toEqual(Array.from({ length: 256 }, (_, index) => index + 46))
  expect(await left.next()).toEqual({ done: true, value: undefined })
  expect(await events[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
})
