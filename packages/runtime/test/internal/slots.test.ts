import { describe, expect, it } from "vitest"
import { Slots } from "../../src/internal/slots.ts"

interface Named {
  readonly name: number
}

const filled = (count: number) => {
  const slots = new Slots<Named>()
  const numbers: number[] = []
  for (let name = 0; name < count; name++) {
    const number = slots.next()
    slots.set(number, { name })
    numbers.push(number)
  }
  return { slots, numbers }
}

describe("slots", () => {
  it("find each value under its own number, however many there are, and the oldest first", () => {
    const { slots, numbers } = filled(1000)
    expect(slots.size).toBe(1000)
    expect(new Set(numbers).size).toBe(1000)
    expect(numbers.map((number) => slots.get(number)?.name)).toEqual(numbers.map((_, name) => name))
    expect(slots.all.map(({ name }) => name)).toEqual(numbers.map((_, name) => name))
  })

  it("forget what is taken out, and never take a later value for it", () => {
    const { slots, numbers } = filled(8)
    const [first] = numbers as [number]
    expect(slots.delete(first)).toBe(true)
    expect(slots.delete(first)).toBe(false)
    for (let turn = 0; turn < 1000; turn++) {
      const number = slots.next()
      expect(number).not.toBe(0)
      slots.set(number, { name: -1 })
      expect(slots.get(first)).toBeUndefined()
      expect(slots.delete(first)).toBe(false)
      expect(slots.delete(number)).toBe(true)
    }
    expect(slots.all.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it("leave a value that stays where it is, while thousands come and go", () => {
    const { slots, numbers } = filled(1)
    const [stays] = numbers as [number]
    for (let turn = 0; turn < 10_000; turn++) {
      const number = slots.next()
      expect(number).not.toBe(stays)
      slots.set(number, { name: turn })
      slots.delete(number)
    }
    expect(slots.get(stays)).toEqual({ name: 0 })
    expect(slots.size).toBe(1)
  })

  it("replace a value, and can be cleared", () => {
    const { slots, numbers } = filled(3)
    slots.set(numbers[1] as number, { name: 9 })
    expect(slots.all.map(({ name }) => name)).toEqual([0, 9, 2])
    slots.clear()
    expect(slots.size).toBe(0)
    expect(slots.get(numbers[0] as number)).toBeUndefined()
    expect(slots.all).toEqual([])
  })
})
